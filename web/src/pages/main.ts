// A page: mounts an instrument in every [data-instrument], keeps all of their states in the address, and
// drives the header. The contracts are inline JSON: the element's attribute names its script's id.

import { mount } from 'svelte';
import type { Contract } from '../contract.js';
import { VERSION } from '../contract.js';
import { read } from '../instrument/state.js';
import Instrument from '../views/Instrument.svelte';
import '../views/tokens.css';
import './page.css';
import { addressOf, partsOf } from './address.js';
import { awaitFaces } from './faces.js';
import { checkQuestions, followLinks } from './guide.js';
import { loadExtras } from './load.js';
import { followTheme } from './theme.svelte.js';
import { drawWidgets } from './widgets.svelte.js';

/** A frame in a notebook has no address of its own. */
const isFrame = location.protocol === 'about:';
awaitFaces();
const theme = followTheme();
const places = [...document.querySelectorAll<HTMLElement>('[data-instrument]')];
const texts = new Map<string, string>();
interface Stage {
  place: HTMLElement;
  /** Puts the text of a state in. */
  go(text: string): void;
  /** Sets up what a step of the lesson asks for; as `go`, if there is none. */
  guide?(text: string): void;
}
const stages = new Map<string, Stage>();

places.forEach((place, i) => {
  const id = place.dataset.instrument || 'contract';
  const name = places.length > 1 ? place.id || `i${i + 1}` : '';
  const source = document.getElementById(id)?.textContent;
  try {
    if (!source) throw new Error(`there is no <script type="application/json" id="${id}">`);
    const contract = JSON.parse(source) as Contract;
    if (contract.version !== VERSION)
      throw new Error(`its contract is of version ${contract.version}, not ${VERSION}`);
    const text = partsOf(location.hash).get(name) ?? place.dataset.state ?? '';
    place.replaceChildren();
    const views = place.dataset.views?.split(' ');
    const app = mount(Instrument, {
      target: place,
      props: {
        contract,
        start: read(contract, text),
        views,
        get theme() {
          return theme.name();
        },
        load: loadExtras,
        link: isFrame
          ? undefined
          : (now: string) =>
              location.href.replace(/#.*$/, '') + addressOf(new Map([...texts, [name, now]])),
        onstate: (now: string) => {
          texts.set(name, now);
          later();
        },
      },
    });
    stages.set(name, {
      place,
      go: (given) => app.go(read(contract, given)),
      guide: app.guide,
    });
  } catch (error) {
    place.textContent = `This instrument could not be drawn: ${(error as Error).message}.`;
    throw error;
  }
});

if (document.querySelector('[data-widget]')) {
  const parts = partsOf(location.hash);
  // what is not drawn yet keeps its part of the address
  for (const [name, text] of parts)
    if (document.getElementById(name)?.dataset.widget) texts.set(name, text);
  drawWidgets({
    theme: theme.name,
    ready: (name, place, go) => stages.set(name, { place, go }),
    text: (name) => parts.get(name),
    onstate: (name, text) => {
      texts.set(name, text);
      later();
    },
  });
}

followLinks((name, text) => {
  const stage = stages.get(name) ?? (name === '' ? [...stages.values()][0] : undefined);
  (stage?.guide ?? stage?.go)?.(text);
  return stage?.place;
});
checkQuestions();

// an address that is pasted into the open page, or a step back in the browser's history
let seen = location.hash;
addEventListener('hashchange', () => {
  seen = location.hash;
  clearTimeout(waiting);
  const parts = partsOf(seen);
  for (const [name, { go }] of stages) if (parts.has(name)) go(parts.get(name)!);
});

let waiting: ReturnType<typeof setTimeout> | undefined;
/** Writes the address a moment after the last change: browsers limit how often it may be written. */
function later(): void {
  clearTimeout(waiting);
  if (!isFrame) waiting = setTimeout(writeAddress, 250);
}

function writeAddress(): void {
  if (location.hash !== seen) return; // the reader went elsewhere, which the page is about to be told
  history.replaceState(null, '', addressOf(texts) || location.pathname + location.search);
  seen = location.hash;
}

const share = document.querySelector<HTMLButtonElement>('[data-share]');
share?.addEventListener('click', async () => {
  const address = location.href.replace(/#.*$/, '') + addressOf(texts);
  writeAddress();
  const before = share.textContent;
  try {
    await navigator.clipboard.writeText(address);
    share.textContent = 'Link copied';
  } catch {
    share.textContent = 'Copy the address above';
  }
  setTimeout(() => (share.textContent = before), 1800);
});
