// Pages to develop against: node dev.mjs FIXTURES writes dist/*.html around contracts that
// tests/fixtures/make_fixture.py made. The real pages are Python's.

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const folder = process.argv[2] ?? fileURLToPath(new URL('tests/fixtures', import.meta.url));
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:";
const LEDES = {
  univariate:
    'How long until the geyser erupts again? One number in, one number out, two parameters to find. Small enough to see everything: the line, the loss, the slope of the loss, and the one idea that makes it all move.',
  sigmoid:
    'A line cannot bend. Put eight S-shaped units between input and output, and watch them learn where a crash begins and ends.',
  multivariate: 'Ten measurements of a patient, one number to predict, and a matrix to hold them.',
  logistic: 'Two species of penguin, two measurements of the bill, and a line between them.',
};

for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json'))) {
  const name = file.replace('.json', '');
  const json = await readFile(`${folder}/${file}`, 'utf-8');
  const { title } = JSON.parse(json);
  const chapters =
    ['Why', 'Univariate regression', '2', '3', '4', '5', '6', '7', '8', 'Exercises', 'Your own'] // prettier-ignore
      .map(
        (text, i) =>
          `<li><a href="#"${i === 1 ? ' aria-current="page"' : ''}>${/^\d/.test(text) ? text : `${i} ${text}`}</a></li>`,
      )
      .join('\n');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${CSP}">
<title>${title} · chainrule</title>
<link rel="stylesheet" href="chainrule.css">
</head>
<body>
<header class="page-header">
<a class="wordmark" href="#">∂chainrule</a>
<nav class="chapters" aria-label="Chapters"><ol>${chapters}</ol></nav>
<div class="page-tools"><button type="button" data-share>Share</button><button type="button" data-theme-toggle>Dark</button></div>
</header>
<main><article class="page">
<p class="chapter">Chapter 1</p>
<h1>${title}</h1>
<p class="lede">${LEDES[name] ?? ''}</p>
<div data-instrument="contract"></div>
<p>Push the learning rate past the gold mark and watch the loss. Before you do: which of the two parameters will blow up first, and why that one?</p>
</article></main>
<script type="application/json" id="contract">${json.replaceAll('<', '\\u003c')}</script>
<script src="chainrule.js"></script>
</body>
</html>
`;
  await writeFile(`${dist}/${name}.html`, html);
}
