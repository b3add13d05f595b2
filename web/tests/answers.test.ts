import { describe, expect, it } from 'vitest';
import { isRight, read } from '../src/pages/answers.js';

describe('an answer as people write it', () => {
  it.each([
    ['0.25', 0.25], ['.5', 0.5], ['-3', -3], ['−3', -3], ['1,5', 1.5], ['1 000', 1000], ['1,000', 1000],
    ['1,000.5', 1000.5], ['2e-3', 2e-3], [' 7 ', 7], ['+4.', 4],
  ])('%s', (text, value) => expect(read(text)).toBe(value)); // prettier-ignore
  it.each(['', 'x', '1/4', '--2', '1e', 'Infinity', '0x10', '1.2.3', '.'])('%s is none', (text) =>
    expect(read(text)).toBeNull(),
  );
  it('is right within its tolerance, and exactly where that is 0', () => {
    expect(isRight(1.02, 1, 0.02)).toBe(true);
    expect(isRight(1.03, 1, 0.02)).toBe(false);
    expect(isRight(-1.02, -1, 0.02)).toBe(true);
    expect(isRight(0.25, 1 / 4, 0)).toBe(true);
    expect(isRight(0.2501, 1 / 4, 0)).toBe(false);
    expect(isRight(0, 0, 0)).toBe(true);
  });
});
