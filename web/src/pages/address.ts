// The states of all instruments of a page in one address: "#step=3", or "#a~step=3&b~rate=0.1" for several.

/** The text of every instrument's state, by its name; "" where a page has one. */
export function partsOf(hash: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of hash.replace(/^#/, '').split('&')) {
    const [, name = '', text] = /^(?:([\w-]+)~)?(.*)$/s.exec(part)!;
    if (text) found.set(name, found.has(name) ? `${found.get(name)}&${text}` : text);
  }
  return found;
}

export function addressOf(texts: ReadonlyMap<string, string>): string {
  const parts = [...texts].flatMap(([name, text]) =>
    text === '' ? [] : text.split('&').map((part) => (name ? `${name}~${part}` : part)),
  );
  return parts.length ? `#${parts.join('&')}` : '';
}
