import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Bank, nextOf } from '../src/notes/practice/bank.js';
import type { Packed, Variant } from '../src/notes/practice/bank.js';
import { packed, ROOM, unpacked } from '../src/notes/practice/attempt.js';
import { begin, clock, draw, isBegun, left, report } from '../src/notes/practice/exam.js';
import { atBox, cellOf, listed, minus, nameOf, spots } from '../src/notes/practice/places.js';
import { count, isDone, keep, noted, peeked, read, under } from '../src/notes/practice/progress.js';
import type { Question } from '../src/notes/practice/question.js';
import { findApi, Scorm } from '../src/notes/practice/scorm.js';
import { blankAnswers, moved, toggled } from '../src/notes/practice/writing.js';

const questions: Question[] = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../contract/bank.json', import.meta.url)), 'utf8'),
);
const right = (one: Question) =>
  Object.fromEntries(one.blanks.map(({ id, answer }) => [id, answer]));

describe('the bank', () => {
  const packed: Packed = {
    pool: [
      'z',
      'number',
      '\u0001',
      'Here z is \u0001; when \u0002, it is \u0001.',
      'the sign is wrong',
      [-1, 3],
      [0, 4, 5],
      [-1, 6],
      [1, 0, 1, 2, 7],
      [-1, 8],
      { n: null },
      [-1, 10, 10],
      { n: 7 },
      [2, 9, 11, 12],
    ],
    shapes: [
      ['message', 'hints'],
      ['id', 'kind', 'answer', 'mistakes'],
      ['blanks', 'values', 'seed'],
    ],
    questions: [{ key: '1/x/7', root: 13, numbers: '0.5 0.5 -0.5 1.5 -2.0' }],
  };
  it('unpacks texts, numbers and empty fields', () => {
    const one = new Bank(packed).get('1/x/7');
    expect(one.blanks[0].answer).toBe('0.5');
    expect(one.blanks[0].mistakes[0].hints).toEqual([
      'Here z is 0.5; when the sign is wrong, it is -0.5.',
    ]);
    expect(one.values).toEqual([1.5, -2]);
    expect(one.seed).toBe(7);
    expect(one.blanks[0].options).toEqual([]);
    expect(one.statement).toEqual([]);
  });
  it('knows what it holds, and what comes next', () => {
    const bank = new Bank(packed);
    expect(bank.has('1/x/7')).toBe(true);
    expect(bank.has('1/x/8')).toBe(false);
    expect(bank.get('1/x/7')).toBe(bank.get('1/x/7'));
    const topic: Variant = { family: 1, title: 'x', kind: 'number', keys: ['a', 'b'] };
    expect([nextOf(topic, 'a'), nextOf(topic, 'b')]).toEqual(['b', 'a']);
  });
});

describe('places', () => {
  it.each(questions.map((one) => [one.key, one] as const))(
    'has a place for every blank, once: %s',
    (_, one) => {
      const placed = [...spots(one).flatMap(({ inside }) => inside), ...listed(one).flat()];
      expect(placed.map(({ id }) => id).sort()).toEqual(one.blanks.map(({ id }) => id).sort());
      for (const blank of one.blanks) expect(nameOf(blank)).not.toBe('');
    },
  );
  it('finds the blanks of a box and of a cell', () => {
    const graph = questions.find(({ key }) => key.startsWith('2/sigmoid-in-stages'))!;
    expect(atBox(graph, 'z').map(({ id }) => id)).toEqual(['z', 'dz']);
    expect(atBox(graph, 'x')).toEqual([]);
    expect(cellOf(graph, ['{dz}'])?.id).toBe('dz');
    expect(cellOf(graph, ['{dz} = 1'])).toBeNull();
  });
  it('writes real minus signs before numbers, and only there', () => {
    expect(minus('it comes out as -0.5; x-y, n-2')).toBe('it comes out as −0.5; x-y, n-2');
  });
});

describe('lines and choices', () => {
  it('moves a line', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
    expect(moved(['a', 'b', 'c'], 2, -4)).toEqual(['c', 'a', 'b']);
  });
  it('puts a choice in and takes it out', () => {
    expect(toggled('', 'b')).toBe('b');
    expect(toggled('b', 'a')).toBe('a,b');
    expect(toggled('a,b', 'b')).toBe('a');
  });
});

const memory = () => {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  };
};

describe('progress', () => {
  it('keeps the best', () => {
    const once = noted({}, 'q', 3, 7);
    expect(noted(once, 'q', 2, 7).q.points).toBe(3);
    const done = noted(once, 'q', 7, 7);
    expect(isDone(done, 'q')).toBe(true);
    expect(count(done, ['q', 'r'])).toBe(1);
  });
  it('does not count what was looked up, unless it had been solved', () => {
    const seen = peeked({}, 'q', 7);
    expect(isDone(noted(seen, 'q', 7, 7), 'q')).toBe(false);
    const solved = noted({}, 'q', 7, 7);
    expect(peeked(solved, 'q', 7)).toBe(solved);
  });
  it('is kept under the names that questions have now', () => {
    const before = noted(noted({}, '7/path-adam/1', 2, 3), 'q', 1, 1);
    const now = (key: string) => (key === '7/path-adam/1' ? '7/trajectory-3/1' : key);
    expect(under(before, now)).toEqual({ '7/trajectory-3/1': { points: 2, of: 3 }, q: { points: 1, of: 1 } }); // prettier-ignore
  });
  it('is kept and forgotten, and bears a store that is broken or absent', () => {
    const store = memory();
    expect(keep('progress', { q: 1 }, store)).toBe(true);
    expect(read('progress', {}, store)).toEqual({ q: 1 });
    keep('progress', null, store);
    expect(read('progress', {}, store)).toEqual({});
    store.setItem('chainrule-practice-progress', '{broken');
    expect(read('progress', {}, store)).toEqual({});
    expect(keep('progress', {}, null)).toBe(false);
  });
});

describe('an exam', () => {
  const topics: Variant[] = [1, 1, 2, 4].map((family, i) => ({
    family,
    title: String(i),
    kind: 'number',
    keys: [`${family}/t${i}/1`, `${family}/t${i}/2`],
  }));
  const turn = () => {
    let state = 1;
    return () => (state = (state * 16807) % 2147483647) / 2147483647;
  };
  it('draws from every family before it draws a second time, in order', () => {
    const keys = draw(topics, 3, turn());
    expect(keys.map((key) => key[0])).toEqual(['1', '2', '4']);
    const all = draw(topics, 100, turn());
    expect(all).toHaveLength(8);
    expect(new Set(all).size).toBe(8);
  });
  it('ends by the clock', () => {
    const exam = begin(['a'], 2, 1000);
    expect(left(exam, 1000)).toBe(120);
    expect(left(exam, 200_000)).toBe(0);
    expect(left(begin(['a'], 0, 0), 9e9)).toBe(Infinity);
    expect(clock(125)).toBe('2:05');
  });
  it('is reported by question', () => {
    const [a, b] = questions;
    const exam = { ...begin([a.key, b.key], 0, 0), answers: { [a.key]: right(a) } };
    const made = report(exam, (key) => questions.find((one) => one.key === key)!);
    expect(made.points).toBe(a.points);
    expect(made.of).toBe(a.points + b.points);
    expect(made.marks[1].marking.verdicts.every(({ status }) => status === 'empty')).toBe(true);
    expect([{ z: ' ' }, undefined, { z: '1' }].map((one) => isBegun(a, one))).toEqual([false, false, true]); // prettier-ignore
  });
  it('takes lines that nobody has moved for untouched', () => {
    const lines = questions.find(({ blanks }) => blanks.some(({ kind }) => kind === 'order'))!;
    const dealt = blankAnswers(lines);
    const [id] = Object.keys(dealt);
    expect(isBegun(lines, dealt)).toBe(false);
    expect(isBegun(lines, { ...dealt, [id]: moved(dealt[id].split(','), 0, 1).join(',') })).toBe(true); // prettier-ignore
  });
});

describe('a half-finished attempt', () => {
  const some = questions.filter(({ blanks }) => blanks.every(({ kind }) => kind !== 'code'));
  const bank = {
    keys: some.map(({ key }) => key),
    get: (key: string) => some.find((one) => one.key === key)!,
  } as unknown as Bank;
  const exam = (answers: Record<string, Record<string, string>>) => ({
    ...begin(bank.keys, 30, 1000),
    answers,
    at: 2,
  });
  const [first, second] = some;
  const lines = some.find(({ blanks }) => blanks.some(({ kind }) => kind === 'order'))!;

  it('comes back as it was: answers, place and clock; lines as dealt are not written', () => {
    const own = { [first.key]: { [first.blanks[1].id]: '−½ "x"' }, [second.key]: right(second) };
    const made = packed(exam({ ...own, [lines.key]: blankAnswers(lines) }), bank);
    expect(made.lost).toBe(0);
    expect(made.text).toMatch(/^[ -~]+$/);
    expect(unpacked(made.text, bank, 30)).toEqual({ ...exam(own), ended: 0 });
  });
  it('fits into the room that there is, the longest answers left out', () => {
    const [a, b] = first.blanks;
    const long = 'é'.repeat(900);
    const made = packed(exam({ [first.key]: { [a.id]: '1/3', [b.id]: long } }), bank);
    expect([made.lost, made.text.length <= ROOM]).toEqual([1, true]);
    expect(unpacked(made.text, bank, 30)!.answers).toEqual({ [first.key]: { [a.id]: '1/3' } });
    const whole = Object.fromEntries(some.map((one) => [one.key, right(one)]));
    expect(packed(exam(whole), bank).text.length).toBeLessThanOrEqual(ROOM);
  });
  it('is not taken from another set of questions, nor from what is no attempt', () => {
    const { text } = packed(exam({}), bank);
    const fewer = { ...bank, keys: bank.keys.slice(1) } as unknown as Bank;
    expect(unpacked(text, fewer, 30)).toBeNull();
    for (const other of ['', 'null', '{}', '[1]', '[', '"x"', '[1,2,3,4]', '<b>', '7'])
      expect(unpacked(other, bank, 30)).toBeNull();
    const [version, name] = JSON.parse(text) as [number, string];
    const odd = JSON.stringify([version, name, 1000, 9999, 7, [1, null, 'x']]);
    expect(unpacked(odd, bank, 30)).toMatchObject({ at: bank.keys.length - 1, ended: 0 });
  });
});

describe('SCORM', () => {
  const system = (status: string, held = '') => {
    const said: string[] = [];
    return {
      said,
      LMSInitialize: () => 'true',
      LMSGetValue: (name: string) => (name === 'cmi.suspend_data' ? held : status),
      LMSSetValue: (name: string, value: string) => (said.push(`${name}=${value}`), 'true'),
      LMSCommit: () => (said.push('commit'), 'true'),
      LMSFinish: () => (said.push('finish'), 'true'),
    };
  };
  it('is found in a window above, or in the one that opened it', () => {
    const API = system('');
    const top: Record<string, unknown> = { API };
    top.parent = top;
    const inner: Record<string, unknown> = { parent: { parent: top } };
    expect(findApi(inner)).toBe(API);
    const lone: Record<string, unknown> = { opener: top };
    lone.parent = lone;
    expect(findApi(lone)).toBe(API);
    const none: Record<string, unknown> = {};
    none.parent = none;
    expect(findApi(none)).toBeNull();
    const barred = Object.defineProperty({}, 'API', {
      get() {
        throw new Error('another origin');
      },
    });
    expect(findApi(barred)).toBeNull();
  });
  it('is told the score once it is handed in', () => {
    const api = system('not attempted');
    const session = new Scorm(api);
    expect(api.said).toEqual(['cmi.core.lesson_status=incomplete', 'commit']);
    session.report(5, 8);
    expect(api.said.slice(2)).toEqual([
      'cmi.core.score.min=0',
      'cmi.core.score.max=100',
      'cmi.core.score.raw=62.5',
      'cmi.core.lesson_status=completed',
      'cmi.suspend_data=',
      'cmi.core.lesson_location=',
      'cmi.core.exit=',
      'commit',
    ]);
    session.finish();
    session.finish();
    expect(api.said.filter((one) => one === 'finish')).toHaveLength(1);
  });
  it('keeps what is half done, and only when it has changed', () => {
    const api = system('incomplete', 'from before');
    const session = new Scorm(api);
    expect(session.held).toBe('from before');
    session.suspend('[1]', 'q'.repeat(300));
    session.suspend('[1]', 'q'.repeat(300));
    expect(api.said.slice(1)).toEqual([
      'cmi.suspend_data=[1]',
      `cmi.core.lesson_location=${'q'.repeat(255)}`,
      'cmi.core.exit=suspend',
      'commit',
    ]);
  });
  it('leaves the status of an earlier attempt alone', () => {
    const api = system('completed');
    new Scorm(api);
    expect(api.said).toEqual(['commit']);
  });
});
