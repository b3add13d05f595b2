// The guided parts of a lesson: links that put an instrument or a widget into a state, and questions that are checked.

import { partsOf } from './address.js';
import { isRight, read } from './answers.js';

/** Follows every link of a `try` block: `go` gets the name of what it sets ("" for the instrument) and the text. */
export function followLinks(go: (name: string, text: string) => HTMLElement | undefined): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a.do'))
    link.addEventListener('click', (event) => {
      event.preventDefault();
      for (const [name, text] of partsOf(link.hash)) {
        const place = go(name, text);
        if (place) bringIntoView(place);
      }
    });
}

function bringIntoView(place: HTMLElement): void {
  const { top, bottom } = place.getBoundingClientRect();
  const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
  if (seen > Math.min(bottom - top, innerHeight) * 0.6) return;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  place.scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: 'start' });
}

/** Checks every question when it is answered. */
export function checkQuestions(): void {
  for (const question of document.querySelectorAll<HTMLElement>('fieldset.question'))
    question.addEventListener('change', (event) => judge(question, event.target as HTMLInputElement));
} // prettier-ignore

function judge(question: HTMLElement, input: HTMLInputElement): void {
  const verdict = question.querySelector('.verdict')!;
  const say = (right: boolean | null, words: string) => {
    question.dataset.verdict = right === null ? '' : right ? 'right' : 'wrong';
    verdict.textContent = words;
  };
  if (input.type === 'radio') {
    for (const option of question.querySelectorAll('.option'))
      option.querySelector<HTMLElement>('.why')!.hidden = !option.querySelector('input')!.checked;
    return say(input.dataset.right === '1', input.dataset.right === '1' ? 'Yes.' : 'Not this one.');
  }
  const given = read(input.value);
  if (input.value.trim() === '') return say(null, '');
  if (given === null) return say(null, 'Write a number, such as 0.25 or 2e-3.');
  const right = isRight(given, Number(input.dataset.answer), Number(input.dataset.tolerance));
  say(right, right ? 'Yes.' : 'Not yet. Try again, or open the answer.');
}
