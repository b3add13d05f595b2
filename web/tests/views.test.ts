import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addressOf, partsOf } from '../src/pages/address';
import { pieces } from '../src/views/equation';
import { drawing } from '../src/views/graph';
import { line, linear, log } from '../src/views/scale';

const math = (inner: string) => `<math display="block"><mrow>${inner}</mrow></math>`;
const plus = '<mo>+</mo>';
const x = '<mi data-node="x">x</mi>';
const text = (piece: string) => piece.replace(/<[^>]*>/g, '');

describe('an equation', () => {
  it('breaks before a second relation and at sums', () => {
    const found = pieces(
      math(`${x}<mo>=</mo><mrow>${x}${plus}${x}</mrow><mo>=</mo><mrow>${x}</mrow>`),
    );
    expect(found.map(text)).toEqual(['x=x', '+x', '=x']);
    expect(found.join('')).toContain('data-node="x"');
  });
  it('does not break inside fences or fractions', () => {
    const fenced = `<mrow><mo form="prefix" fence="true">(</mo><mrow>${x}${plus}${x}</mrow><mo form="postfix" fence="true">)</mo></mrow>`;
    const found = pieces(math(`${x}<mo>=</mo><mrow><mfrac>${x}${x}</mfrac>${fenced}</mrow>`));
    expect(found.length).toBe(1);
  });
});

describe('the address', () => {
  it('holds one state or several', () => {
    const several = new Map([
      ['a', 'step=3&rate=0.1'],
      ['b', ''],
      ['c', 'open=dW1'],
    ]);
    const hash = addressOf(several);
    expect(hash).toBe('#a~step=3&a~rate=0.1&c~open=dW1');
    expect(partsOf(hash).get('a')).toBe('step=3&rate=0.1');
    expect(partsOf('#step=3&open=dW1').get('')).toBe('step=3&open=dW1');
    expect(addressOf(new Map([['', '']]))).toBe('');
  });
});

describe('the drawing of a graph', () => {
  const value = (label: string, reads: string[], level: number) => ({
    label, reads, level, kind: reads.length ? ('value' as const) : ('parameter' as const), shape: [], mathml: '', op: '',
  }); // prettier-ignore
  it('puts inputs just above who reads them, and nothing on anything else', () => {
    const plan = drawing([
      value('W', [], 0),
      value('b', [], 0),
      value('v', [], 0),
      value('Z', ['W', 'b'], 1),
      value('L', ['v', 'Z'], 2),
    ]);
    const rows = Object.fromEntries(plan.boxes.map(({ label, row }) => [label, row]));
    expect(rows).toEqual({ W: 0, b: 0, v: 1, Z: 1, L: 2 });
    expect(new Set(plan.boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(5);
    expect(plan.edges.length).toBe(4);
  });
});

describe('a scale', () => {
  it('goes there and back', () => {
    expect(linear([0, 10], [100, 0])(2.5)).toBe(75);
    expect(log([1, 100], [0, 2]).invert(1)).toBeCloseTo(10, 12);
  });
  it('leaves gaps where a number is not finite', () => {
    const scale = linear([0, 1], [0, 1]);
    expect(line([0, 1, 2], [0, NaN, 1], scale, scale)).toBe('M0.0 0.0M2.0 1.0');
  });
});

describe('a logarithmic axis', () => {
  it('has no place for what is not positive: a line that begins at 0 begins at its next point', () => {
    const y = log([1e-6, 1], [100, 0]);
    expect(y(0)).toBeNaN();
    expect(y(-1)).toBeNaN();
    const d = line([0, 1, 2, 3], [0, 1e-6, 1e-3, 1], linear([0, 3], [0, 30]), y);
    expect(d).toBe('M10.0 100.0L20.0 50.0L30.0 0.0');
  });
});

describe('the state of a page', () => {
  it('is raw, since the build leaves out what makes proxies', () => {
    const sources = ['src/pages', 'src/views'].flatMap((folder) =>
      readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
    );
    expect(sources.some((text) => text.includes('$state.raw'))).toBe(true);
    expect(sources.filter((text) => /\$state(<.*>)?\(|\$bindable/.test(text))).toEqual([]);
  });
});
