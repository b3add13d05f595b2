// A graph of boxes: forward one box at a time, then backwards one box at a time. What a box sends back comes from its
// tape; all that is done here is to send it on and to add up.

import type { Operation } from './operations.js';
import { Runner } from './operations.js';

export interface Box {
  name: string;
  op: string;
  args: string[];
}
export interface Graph {
  inputs: { name: string; value: number }[];
  boxes: Box[];
}

/** What one box sends to one of its arguments. */
export interface Part {
  to: string;
  /** The slope of the box at this argument. */
  slope: number;
  sent: number;
  before: number;
  after: number;
}
export interface Step {
  box: string;
  upstream: number;
  parts: Part[];
}

/** Runs graphs of boxes, with one linked tape for every operation that was ever used. */
export class Boxes {
  private readonly runners = new Map<string, Runner>();
  private readonly known: Record<string, Operation>;

  constructor(known: Record<string, Operation>) {
    this.known = known;
  }

  private runner(op: string): Runner {
    if (!this.runners.has(op)) this.runners.set(op, new Runner(this.known[op]));
    return this.runners.get(op)!;
  }

  private given(box: Box, values: ReadonlyMap<string, number>): Record<string, number[]> {
    const { inputs } = this.known[box.op];
    return Object.fromEntries(inputs.map(({ name }, i) => [name, [values.get(box.args[i])!]]));
  }

  /** The value of everything, by name. */
  forward(graph: Graph): Map<string, number> {
    const values = new Map(graph.inputs.map(({ name, value }) => [name, value]));
    for (const box of graph.boxes) {
      const runner = this.runner(box.op);
      runner.run(this.given(box, values));
      values.set(box.name, runner.output()[0]);
    }
    return values;
  }

  /** What a box sends back when `upstream` has arrived at it. */
  sends(
    box: Box,
    values: ReadonlyMap<string, number>,
    upstream: number,
  ): { to: string; slope: number; sent: number }[] {
    const { inputs } = this.known[box.op];
    const runner = this.runner(box.op);
    const given = this.given(box, values);
    const read = (g: number) => {
      runner.run(given, g);
      return inputs.map(({ name }) => runner.gradient(name)[0]);
    };
    const slopes = read(1);
    const sent = read(upstream);
    return box.args.map((to, i) => ({ to, slope: slopes[i], sent: sent[i] }));
  }

  /** All steps back, the boxes taken in an order. */
  backward(graph: Graph, values: ReadonlyMap<string, number>, order: readonly string[]): Step[] {
    const gradients = new Map<string, number>();
    const last = graph.boxes.at(-1);
    if (last) gradients.set(last.name, 1);
    return order.map((name) => {
      const box = graph.boxes.find((one) => one.name === name)!;
      const upstream = gradients.get(name) ?? 0;
      const parts = this.sends(box, values, upstream).map((one): Part => {
        const before = gradients.get(one.to) ?? 0;
        gradients.set(one.to, before + one.sent);
        return { ...one, before, after: before + one.sent };
      });
      return { box: name, upstream, parts };
    });
  }

  /** The quotient of a small change of the last box and a small change of an input, from both sides. */
  nudge(graph: Graph, name: string, h: number): number {
    const end = (by: number) => {
      const inputs = graph.inputs.map((one) => one.name === name ? { ...one, value: one.value + by } : one); // prettier-ignore
      return this.forward({ ...graph, inputs }).get(graph.boxes.at(-1)!.name)!;
    };
    return (end(h) - end(-h)) / (2 * h);
  }
}

/** The boxes that the last one was made from, each before all that it was made from: a safe order to go back. */
export function inOrder(graph: Graph): string[] {
  const needed = new Set<string>([graph.boxes.at(-1)?.name ?? '']);
  const found: string[] = [];
  for (const box of graph.boxes.toReversed())
    if (needed.has(box.name)) {
      found.push(box.name);
      for (const arg of box.args) needed.add(arg);
    }
  return found;
}

/** The same boxes as a hurried program takes them: whoever is reached first goes first. */
export function inHurry(graph: Graph): string[] {
  const reached = [graph.boxes.at(-1)?.name ?? ''];
  for (const name of reached)
    for (const arg of graph.boxes.find((one) => one.name === name)?.args ?? [])
      if (!reached.includes(arg)) reached.push(arg);
  return reached.filter((name) => graph.boxes.some((one) => one.name === name));
}

/** The gradients after some steps: what has arrived so far, by name. */
export function arrived(graph: Graph, steps: readonly Step[]): Map<string, number> {
  const found = new Map<string, number>();
  const last = graph.boxes.at(-1);
  if (last) found.set(last.name, 1);
  for (const { parts } of steps) for (const { to, after } of parts) found.set(to, after);
  return found;
}

export interface Spot {
  name: string;
  column: number;
  row: number;
}

/** Columns by depth, rows so that lines cross little: each value near the middle of what it was made from. */
export function layout(graph: Graph): { spots: Spot[]; columns: number; rows: number } {
  const depth = new Map<string, number>(graph.inputs.map(({ name }) => [name, 0]));
  for (const { name, args } of graph.boxes)
    depth.set(name, 1 + Math.max(...args.map((arg) => depth.get(arg)!)));
  // an input stands right before its first reader
  for (const { name } of graph.inputs) {
    const readers = graph.boxes.filter(({ args }) => args.includes(name));
    if (readers.length)
      depth.set(name, Math.min(...readers.map((one) => depth.get(one.name)!)) - 1);
  }
  const columns: string[][] = [];
  for (const [name, column] of depth) (columns[column] ??= []).push(name);
  const rows = new Map<string, number>();
  columns.forEach((names = []) => {
    const wish = (name: string) => {
      const args = graph.boxes.find((one) => one.name === name)?.args ?? [];
      const held = args.map((arg) => rows.get(arg)).filter((row) => row !== undefined);
      if (held.length) return held.reduce((a, b) => a + b, 0) / held.length;
      const reader = graph.boxes.find((one) => one.args.includes(name));
      return reader ? reader.args.indexOf(name) - (reader.args.length - 1) / 2 : 0;
    };
    const wanted = names.map((name) => ({ name, at: wish(name) })).sort((a, b) => a.at - b.at);
    let below = -Infinity;
    for (const one of wanted) below = one.at = Math.max(one.at, below + 1);
    const shift = wanted.length > 1 ? (wanted.reduce((sum, { name, at }) => sum + wish(name) - at, 0) / wanted.length) : 0; // prettier-ignore
    for (const { name, at } of wanted) rows.set(name, at + shift);
  });
  const low = Math.min(...rows.values());
  const spots = [...depth].map(([name, column]) => ({ name, column, row: rows.get(name)! - low }));
  return { spots, columns: columns.length, rows: Math.max(...spots.map((one) => one.row)) + 1 };
}

/** A graph as text: "x=2,w=-3;u=multiply:x:w;a=sigmoid:u". */
export function write(graph: Graph): string {
  const inputs = graph.inputs.map(({ name, value }) => `${name}=${Number(value.toPrecision(6))}`);
  return [inputs.join(','), ...graph.boxes.map(({ name, op, args }) => [`${name}=${op}`, ...args].join(':'))].join(';'); // prettier-ignore
}

/** Reads a graph that `write` wrote; null where it is not one. */
export function read(text: string, known: Record<string, Operation>): Graph | null {
  const [first = '', ...rest] = text.split(';');
  const graph: Graph = { inputs: [], boxes: [] };
  const names = new Set<string>();
  for (const part of first.split(',')) {
    const [name = '', value = ''] = part.split('=');
    if (!/^[a-z]\w*$/i.test(name) || names.has(name) || !value || !Number.isFinite(Number(value)))
      return null;
    names.add(name);
    graph.inputs.push({ name, value: Number(value) });
  }
  for (const part of rest.slice(0, 40)) {
    const [head = '', ...args] = part.split(':');
    const [name = '', op = ''] = head.split('=');
    const record = Object.hasOwn(known, op) ? known[op] : undefined;
    const fits = record?.code && args.length === record.inputs.length && args.every((a) => names.has(a)); // prettier-ignore
    if (!/^[a-z]\w*$/i.test(name) || names.has(name) || !fits) return null;
    names.add(name);
    graph.boxes.push({ name, op, args });
  }
  return graph;
}
