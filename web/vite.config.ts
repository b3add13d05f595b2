// The site's bundle: one classic script and one style sheet, which also work from file:// and under a
// strict content security policy. Fonts are cut to size first.

import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { subsetAll } from './fonts/subset.mjs';

/**
 * What these pages never use of Svelte, as the constants that it then is, so that its code is left out: no page is
 * rendered on a server, and there are no components of Svelte 4 or asynchronous ones.
 */
const drawnHere: Plugin = {
  name: 'drawn-here',
  apply: 'build',
  transform: {
    filter: { id: /\/svelte\/src\/internal\/(flags\/index|client\/dom\/hydration)\.js$/ },
    handler(code) {
      const fixed = code
        .replace(/export let (hydrating|\w+_mode_flag) = false/g, 'export const $1 = false')
        .replace(/^\t(hydrating|\w+_mode_flag) = \w+;$/gm, '');
      if (fixed === code) throw new Error('Svelte is no longer written as "drawn-here" expects');
      return fixed;
    },
  },
};

/** The page's own state is raw (a test holds it to that), so that no value is ever made a proxy. */
const rawState: Plugin = {
  name: 'raw-state',
  apply: 'build',
  transform: {
    filter: { id: /\/svelte\/src\/internal\/client\/reactivity\/(props|sources)\.js$/ },
    handler(code) {
      const fixed = code.replace(/[\w &]+ \? proxy\(value\) : value/g, 'value');
      if (fixed === code) throw new Error('Svelte is no longer written as "raw-state" expects');
      return fixed;
    },
  },
};

/** A page is drawn at once: there is no boundary within which a part of it waits or fails. */
const noBoundary: Plugin = {
  name: 'no-boundary',
  apply: 'build',
  transform: {
    filter: { id: /\/svelte\/src\/internal\/client\/render\.js$/ },
    handler(code) {
      const fixed = code
        .replace(/import \{ boundary \} from .*/, '')
        .replace(
          /component_root(,?[^}]*\} from '\.\/reactivity\/effects\.js')/,
          'branch, component_root$1',
        )
        .replace(/\bboundary\($/m, '((node, _, draw) => branch(() => draw(node)))(');
      if (!fixed.includes('branch, component_root') || /\bboundary\(/.test(fixed))
        throw new Error('Svelte is no longer written as "no-boundary" expects');
      return fixed;
    },
  },
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
      isPage && rawState,
      noBoundary,
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
