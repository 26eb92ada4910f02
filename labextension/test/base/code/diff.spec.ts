import type { ICodeTools } from '../../../src/base/code/tools';
import { createDiff, type IDiff } from '../../../src/base/code/diff';

const tools = { languages: null, themes: null } as unknown as ICodeTools;
const original = { text: 'a\nb\n', label: 'Before' };
const modified = { text: 'a\nc\n', label: 'After' };

describe('a diff', () => {
  let host: HTMLElement;
  const show = (layout: IDiff['layout'], before: IDiff['original']) =>
    createDiff(host, { original: before, modified, layout, language: 'python' }, tools);
  const labels = (): (string | null)[] =>
    [...host.querySelectorAll('.cm-content')].map(node =>
      node.getAttribute('aria-label')
    );

  beforeEach(() => {
    host = document.createElement('div');
    document.body.append(host);
  });
  afterEach(() => host.remove());

  it('shows two texts beside each other, read-only, and goes without a trace', async () => {
    const remove = await show('split', original);
    expect(labels()).toEqual(['Before', 'After']);
    expect(host.querySelector('[contenteditable=true]')).toBeNull();
    remove();
    expect(host.childElementCount).toBe(0);
  });

  it('shows one text with what was taken out of it', async () => {
    const remove = await show('unified', original);
    expect(labels()).toEqual(['After']);
    expect(host.querySelector('.cm-deletedChunk')?.textContent).toContain('b');
    remove();
  });

  it('shows a text alone when there is nothing to compare it with', async () => {
    const remove = await show('split', null);
    expect(labels()).toEqual(['After']);
    expect(host.querySelector('.cm-deletedChunk')).toBeNull();
    remove();
  });
});
