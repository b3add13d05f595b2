// A reader's own table: text with commas, semicolons or tabs, read into columns; and what is wrong with it,
// said so that it can be put right.

export interface Table {
  header: string[];
  /** Row by row, as text. */
  cells: string[][];
}

/** A problem with a table, in words for a reader. */
export class TableError extends Error {
  override readonly name = 'TableError';
}

/** Splits one line at a separator; quoted cells may hold it. */
function split(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (c === '"' && quoted && line[i + 1] === '"') cell += line[++i];
    else if (c === '"') quoted = !quoted;
    else if (c === separator && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += c;
  }
  return [...cells, cell.trim()];
}

const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text));

export function readTable(text: string): Table {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/).filter((line) => line.trim() !== ''); // prettier-ignore
  if (lines.length === 0) throw new TableError('There is nothing in it: paste rows of numbers.');
  const counts = ['\t', ';', ','].map((s) => [s, split(lines[0], s).length] as const);
  const [separator] = counts.reduce((a, b) => (b[1] > a[1] ? b : a));
  const european = separator !== ',';
  const rows = lines.map((line) =>
    split(line, separator).map((cell) =>
      european && /^-?\d+,\d+$/.test(cell) ? cell.replace(',', '.') : cell,
    ),
  );
  const width = rows[0].length;
  const ragged = rows.findIndex((row) => row.length !== width);
  if (ragged >= 0)
    throw new TableError(
      `Line ${ragged + 1} has ${rows[ragged].length} cells, and the first has ${width}: every line needs as many.`,
    );
  const named = !rows[0].every(isNumber);
  const header = named ? rows[0] : rows[0].map((_, i) => `column ${i + 1}`);
  const cells = named ? rows.slice(1) : rows;
  if (cells.length === 0)
    throw new TableError('There are names of columns, but no rows of numbers under them.');
  return { header, cells };
}

const isGap = (cell: string) => cell === '' || /^(na|nan|null|none|\?)$/i.test(cell);

/** Columns of a table as numbers, row by row. Rows with gaps are left out and counted. */
export function numbersOf(
  { header, cells }: Table,
  picked: readonly number[],
  /** Of the picked, the one whose two words become 0 and 1. */
  label = -1,
): { rows: number[][]; gaps: number; classes: string[] } {
  const kept = cells.filter((row) => picked.every((column) => !isGap(row[column])));
  if (kept.length === 0) throw new TableError('Every row has a gap: nothing is left.');
  let classes: string[] = [];
  const words = label < 0 ? [] : [...new Set(kept.map((row) => row[picked[label]]))].sort();
  const isWords = words.some((word) => !isNumber(word));
  if (label >= 0 && (isWords || words.some((w) => Number(w) !== 0 && Number(w) !== 1))) {
    if (words.length !== 2)
      throw new TableError(
        `"${header[picked[label]]}" has ${words.length} different values; this model tells two classes apart.`,
      );
    classes = words;
  }
  const rows = kept.map((row, i) =>
    picked.map((column, k) => {
      const cell = row[column];
      if (k === label && classes.length) return classes.indexOf(cell);
      if (!isNumber(cell))
        throw new TableError(
          `"${header[column]}" holds text ("${cell}" in row ${i + 1}): pick a column of numbers.`,
        );
      return Number(cell);
    }),
  );
  return { rows, gaps: cells.length - kept.length, classes };
}

export interface OwnColumn {
  name: string;
  mean: number;
  deviation: number;
}

/** Mean and deviation of a column; a column that does not vary is left where it is. */
export function standard(rows: readonly (readonly number[])[], column: number): [number, number] {
  const mean = rows.reduce((sum, row) => sum + row[column], 0) / rows.length;
  const square = rows.reduce((sum, row) => sum + (row[column] - mean) ** 2, 0) / rows.length;
  return [mean, Math.sqrt(square) || 1];
}
