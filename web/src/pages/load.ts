// Fetches scripts that a page needs only now and then, once, from beside its own; a page in one file has them already.

import type { Extras } from '../views/workbench.js';

const own = (document.currentScript as HTMLScriptElement | null)?.src ?? '';
const ready = () => (globalThis as { chainruleExtras?: Extras }).chainruleExtras;
let fetching: Promise<unknown> | undefined;

export async function loadExtras(): Promise<Extras> {
  if (!ready()) await (fetching ??= fetchExtras());
  return ready()!;
}

const fetchExtras = () => fetchScript('chainrule-extras');

/** Fetches a script and its style sheet from beside the page's own. */
export async function fetchScript(name: string): Promise<void> {
  const base = own.replace(/[^/]*$/, '');
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = `${base}${name}.css`;
  const script = document.createElement('script');
  script.src = `${base}${name}.js`;
  const loaded = [style, script].map(
    (element) =>
      new Promise<void>((done, fail) => {
        element.onload = () => done();
        element.onerror = () => fail(new Error('a part of this page could not be read'));
      }),
  );
  document.head.append(style, script);
  await Promise.all(loaded);
}
