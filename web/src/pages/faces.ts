// The page's type. All faces are asked for at once, also those that only what is drawn later needs, and the page is
// shown when they are there: set in a stand-in first, its lines and formulas would move.

export function awaitFaces(): void {
  const asked = [...document.fonts].map((face) => face.load().catch(() => null));
  void Promise.all(asked).then(() => (document.documentElement.dataset.faces = ''));
}
