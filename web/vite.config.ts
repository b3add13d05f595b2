// The site's bundle: one classic script and one style sheet, which also work from file:// and under a
// strict content security policy. Fonts are cut to size first.

import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { subsetAll } from './fonts/subset.mjs';

/** Pages are never rendered on a server: Svelte's code that takes such a page over is left out. */
const drawnHere = {
  name: 'drawn-here',
  transform: (code: string, id: string) =>
    id.endsWith('/internal/client/dom/hydration.js')
      ? code
          .replace('export let hydrating = false;', 'export const hydrating = false;')
          .replace('hydrating = value;', 'void value;')
      : null,
};

/** "vite build" makes the page's script; "vite build --mode extras" or "--mode ROOM" one that is fetched on demand. */
export default defineConfig(({ mode }) => {
  const isPage = mode === 'production';
  const name = isPage ? 'chainrule' : `chainrule-${mode}`;
  const room = mode === 'extras' ? 'src/pages/extras.svelte.ts' : `src/notes/${mode}/index.ts`;
  return {
    base: './',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      { name: 'fonts', apply: 'build', buildStart: async () => void (await subsetAll()) },
      drawnHere,
      svelte({
        configFile: false,
        preprocess: vitePreprocess({ script: false }),
        // a short class for each component: it stands in every rule
        compilerOptions: { dev: false, cssHash: ({ css, hash }) => `c${hash(css).slice(0, 5)}` },
      }),
    ],
    build: {
      outDir: 'dist',
      emptyOutDir: isPage,
      target: 'es2022',
      cssCodeSplit: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      sourcemap: process.env.MAP === '1',
      rolldownOptions: {
        preserveEntrySignatures: 'strict',
        input: isPage ? 'src/pages/main.ts' : room,
        output: {
          format: 'iife',
          name: isPage
            ? 'chainrulePage'
            : mode === 'extras'
              ? 'chainruleExtras'
              : `chainrule_${mode}`,
          entryFileNames: `${name}.js`,
          assetFileNames: ({ names }) =>
            names.some((one) => one.endsWith('.css')) ? `${name}.css` : 'fonts/[name][extname]',
        },
      },
    },
  };
});
