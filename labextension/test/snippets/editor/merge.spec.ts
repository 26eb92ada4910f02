import {
  fromText,
  hasMarkers,
  merge,
  toText
} from '../../../src/snippets/editor/merge';
import type { SnippetCell } from '../../../src/snippets/schemas';

describe('toText and fromText', () => {
  it.each<[string, SnippetCell[]]>([
    ['one code cell', [{ kind: 'code', source: 'a\n\nb' }]],
    ['an empty cell', [{ kind: 'code', source: '' }]],
    ['one text cell', [{ kind: 'markdown', source: '# A' }]],
    [
      'several kinds',
      [
        { kind: 'markdown', source: '# A\n' },
        { kind: 'code', source: 'x = 1\n# %% not one' },
        { kind: 'raw', source: '' }
      ]
    ]
  ])('keep %s', (_, cells) => {
    expect(fromText(toText(cells))).toEqual(cells);
  });
});

describe('merge', () => {
  const base = ['a', 'b', 'c', 'd', 'e'].join('\n');

  it.each([
    ['nothing changed', base, base, base],
    ['only mine', 'a\nB\nc\nd\ne', base, 'a\nB\nc\nd\ne'],
    ['only theirs', base, 'a\nb\nc\nd', 'a\nb\nc\nd'],
    ['both, apart', 'A\nb\nc\nd\ne', 'a\nb\nc\nd\nE', 'A\nb\nc\nd\nE'],
    ['both the same', 'a\nX\nc\nd\ne', 'a\nX\nc\nd\ne', 'a\nX\nc\nd\ne'],
    ['mine adds, theirs deletes', '0\na\nb\nc\nd\ne', 'a\nb\nd\ne', '0\na\nb\nd\ne']
  ])('%s', (_, mine, theirs, text) => {
    expect(merge(base, mine, theirs)).toEqual({ text, conflicts: 0 });
  });

  it('leaves the choice where both changed one place differently', () => {
    const merged = merge(base, 'a\nmine\nc\nd\ne', 'a\ntheirs\nc\nd\nE');
    expect(merged.conflicts).toBe(1);
    expect(hasMarkers(merged.text)).toBe(true);
    expect(merged.text).toBe(
      'a\n<<<<<<< mine\nmine\n=======\ntheirs\n>>>>>>> theirs\nc\nd\nE'
    );
    expect(hasMarkers(base)).toBe(false);
  });

  it('takes a long text in a short time', () => {
    const long = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
    const mine = [...long];
    mine[10] = 'mine';
    const theirs = [...long];
    theirs[19_990] = 'theirs';
    const merged = merge(long.join('\n'), mine.join('\n'), theirs.join('\n'));
    expect(merged.conflicts).toBe(0);
    expect(merged.text).toContain('mine');
    expect(merged.text).toContain('theirs');
  });
});
