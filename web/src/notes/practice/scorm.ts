// SCORM 1.2: where a learning management system shows the page, it is told the score. Without one, nothing happens.

interface Api {
  LMSInitialize(empty: ''): string;
  LMSGetValue(name: string): string;
  LMSSetValue(name: string, value: string): string;
  LMSCommit(empty: ''): string;
  LMSFinish(empty: ''): string;
}

interface Frame {
  API?: Api;
  parent?: Frame;
  opener?: Frame | null;
}

const DEEPEST = 12;
const PLACE = 255; // characters of cmi.core.lesson_location

/** The system's API object: in this window, in one that holds it, or in the one that opened it. */
export function findApi(from: Frame): Api | null {
  return above(from) ?? (from.opener ? above(from.opener) : null);
}

function above(from: Frame): Api | null {
  let frame = from;
  for (let i = 0; i < DEEPEST; i++) {
    try {
      if (frame.API) return frame.API;
      if (!frame.parent || frame.parent === frame) return null;
      frame = frame.parent;
    } catch {
      return null; // a frame of another origin
    }
  }
  return null;
}

/** A session with a learning management system. */
export class Scorm {
  /** What was left half done the last time; "" if nothing was. */
  readonly held: string;
  private open: boolean;
  private api: Api;
  private last = '';

  constructor(api: Api) {
    this.api = api;
    this.open = api.LMSInitialize('') === 'true';
    const status = this.open ? api.LMSGetValue('cmi.core.lesson_status') : '';
    if (status === 'not attempted' || status === '')
      this.set('cmi.core.lesson_status', 'incomplete');
    this.held = this.open ? String(api.LMSGetValue('cmi.suspend_data') ?? '') : '';
    this.commit();
  }

  /** Has the system keep what is half done: a text of at most 4096 characters, and the place in it. */
  suspend(text: string, place: string): void {
    if (text + place === this.last) return;
    this.last = text + place;
    this.set('cmi.suspend_data', text);
    this.set('cmi.core.lesson_location', place.slice(0, PLACE));
    this.set('cmi.core.exit', 'suspend');
    this.commit();
  }

  /** Tells the points, as parts of a hundred, and that the exercise is done. */
  report(points: number, of: number): void {
    this.set('cmi.core.score.min', '0');
    this.set('cmi.core.score.max', '100');
    this.set('cmi.core.score.raw', String(of ? Math.round((1000 * points) / of) / 10 : 0));
    this.set('cmi.core.lesson_status', 'completed');
    this.set('cmi.suspend_data', '');
    this.set('cmi.core.lesson_location', '');
    this.set('cmi.core.exit', '');
    this.commit();
  }

  finish(): void {
    if (this.open) this.api.LMSFinish('');
    this.open = false;
  }

  private set(name: string, value: string): void {
    if (this.open) this.api.LMSSetValue(name, value);
  }

  private commit(): void {
    if (this.open) this.api.LMSCommit('');
  }
}
