// Fetches the script of the extras, once, from beside the page's own; a page in one file has it already.

import type { Extras } from '../views/workbench.js';

const own = (document.currentScript as HTMLScriptElement | null)?.src ?? '';
const ready = () => (globalThis as { chainruleExtras?: Extras }).chainruleExtras;
let fetching: Promise<unknown> | undefined;

export async function loadExtras(): Promise<Extras> {
  if (!ready()) await (fetching ??= fetchExtras());
  return ready()!;
}

function fetchExtras(): Promise<unknown> {
  const base = own.replace(/[^/]*$/, '');
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = `${base}chainrule-extras.css`;
  const script = document.createElement('script');
  script.src = `${base}chainrule-extras.js`;
  const loaded = [style, script].map(
    (element) =>
      new Promise<void>((done, fail) => {
        element.onload = () => done();
        element.onerror = () => fail(new Error('a part of this page could not be read'));
      }),
  );
  document.head.append(style, script);
  return Promise.all(loaded);
}
