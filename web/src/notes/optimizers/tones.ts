// How the racers of a picture are told apart: by colour, by dash, and by the mark at their head.

export interface Tone {
  colour: string;
  dash: string;
  mark: 'circle' | 'square' | 'triangle' | 'diamond';
}

export const TONES: Tone[] = [
  { colour: 'parameter', dash: '', mark: 'circle' },
  { colour: 'gradient', dash: '7 3', mark: 'square' },
  { colour: 'optimum', dash: '2.5 2.5', mark: 'triangle' },
  { colour: 'ink', dash: '10 3 2 3', mark: 'diamond' },
];

/** The "d" of a mark around a point. */
export function markAt(mark: Tone['mark'], x: number, y: number, r = 5): string {
  switch (mark) {
    case 'square':
      return `M${x - r * 0.85} ${y - r * 0.85}h${r * 1.7}v${r * 1.7}h${-r * 1.7}z`;
    case 'triangle':
      return `M${x} ${y - r * 1.15}l${r * 1.1} ${r * 1.95}h${-r * 2.2}z`;
    case 'diamond':
      return `M${x} ${y - r * 1.2}l${r} ${r * 1.2}l${-r} ${r * 1.2}l${-r} ${-r * 1.2}z`;
    default:
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
}
