// Cuts the open fonts of @fontsource down to the characters that pages use: node fonts/subset.mjs [FOLDER].
// All are under the SIL Open Font License 1.1. The maths font keeps its MATH table and all stretched forms.

import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import subset from 'subset-font';

const here = fileURLToPath(new URL('.', import.meta.url));
const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));

const range = (from, to) =>
  String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
const latin = range(0x20, 0x7e) + range(0xa0, 0xff) + 'ŁłŒœŠšŽž‐‑‒–—‘’‚“”„†‡•…‰′″‹›€−';
const greek = range(0x391, 0x3a9).replace('\u03a2', '') + range(0x3b1, 0x3c9);
const signs = '←→↑↓↔∂∇∈∑∏√∞≈≠≤≥·×÷±⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉ᵀ∘‖';
const maths =
  range(0x20, 0x7e) + range(0xa0, 0xff) + range(0x370, 0x3ff).replace(/[\u0378-\u0383\u038b\u038d\u03a2]/g, '') +
  range(0x2190, 0x2199) + range(0x2200, 0x22ff) + range(0x1d400, 0x1d467) + range(0x1d6a4, 0x1d71b) +
  range(0x1d7ce, 0x1d7d7) + 'ℎℓℝ‖′″⟨⟩⌈⌉⌊⌋ˆˇˉ˘˙˜¯⊤…⋯⋮⏞⏟\u2061\u2062\u2063\u0302\u0303\u0304\u0307'; // prettier-ignore

/** [file of a package, name here, characters] */
const FONTS = [
  ['@fontsource/stix-two-text/files/stix-two-text-latin-400-normal', 'stix-two-text', latin],
  ['@fontsource/stix-two-text/files/stix-two-text-latin-400-italic', 'stix-two-text-italic', latin],
  ['@fontsource/stix-two-text/files/stix-two-text-latin-600-normal', 'stix-two-text-600', latin],
  ['@fontsource/stix-two-math/files/stix-two-math-latin-400-normal', 'stix-two-math', maths],
  ['@fontsource-variable/inter/files/inter-latin-wght-normal', 'inter', latin + signs],
  ['@fontsource-variable/inter/files/inter-greek-wght-normal', 'inter-greek', greek],
  ['@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal', 'jetbrains-mono', latin],
];

export async function subsetAll(folder = `${here}built`) {
  await mkdir(folder, { recursive: true });
  let total = 0;
  for (const [source, name, text] of FONTS) {
    const target = `${folder}/${name}.woff2`;
    const made = await stat(target).catch(() => null);
    const script = await stat(fileURLToPath(import.meta.url));
    if (made && made.mtimeMs > script.mtimeMs) {
      total += made.size;
      continue;
    }
    const font = await readFile(`${modules}${source}.woff2`);
    const cut = await subset(font, text, { targetFormat: 'woff2' });
    await writeFile(target, cut);
    total += cut.length;
  }
  return total;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`fonts: ${Math.round((await subsetAll(process.argv[2])) / 1000)} kB`);
