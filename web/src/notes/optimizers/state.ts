// The state of a widget as text: "method=adam&step=12".

export type Fields = Record<string, string>;

export function parse(text: string): Fields {
  return Object.fromEntries(
    text
      .split('&')
      .filter((part) => part.includes('='))
      .map((part) => {
        const at = part.indexOf('=');
        return [part.slice(0, at), decodeURIComponent(part.slice(at + 1))];
      }),
  );
}

/** What differs from the defaults; "" where nothing does. */
export function format(fields: Fields): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${encodeURIComponent(value).replace(/%2C/g, ',')}`)
    .join('&');
}

/** A number of a state, within bounds; the other one where there is none. */
export function number(
  text: string | undefined,
  otherwise: number,
  low = -Infinity,
  high = Infinity,
): number {
  // prettier-ignore
  const value = text === undefined || text === '' ? NaN : Number(text);
  return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : otherwise;
}

/** One of some words; the first where it is none of them. */
export function oneOf(text: string | undefined, words: readonly string[]): string {
  return text !== undefined && words.includes(text) ? text : words[0];
}
