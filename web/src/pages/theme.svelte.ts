// Light or dark: as the reader's system has it, until they choose.

export function followTheme(): { name(): string } {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const remembered = remember();
  if (remembered) root.dataset.theme = remembered;
  const now = () => root.dataset.theme ?? (system.matches ? 'dark' : 'light');
  let name = $state.raw(now());
  const button = document.querySelector<HTMLButtonElement>('[data-theme-toggle]');
  const show = () => {
    name = now();
    if (button) button.textContent = name === 'dark' ? 'Light' : 'Dark';
  };
  system.addEventListener('change', show);
  button?.addEventListener('click', () => {
    root.dataset.theme = now() === 'dark' ? 'light' : 'dark';
    remember(root.dataset.theme);
    show();
  });
  show();
  return { name: () => name };
}

/** What the reader chose before; a browser may refuse to keep it. */
function remember(choice?: string): string | null {
  try {
    if (choice) localStorage.setItem('chainrule-theme', choice);
    return localStorage.getItem('chainrule-theme');
  } catch {
    return null;
  }
}
