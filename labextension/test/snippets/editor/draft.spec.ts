import { StateDB } from '@jupyterlab/statedb';

import { Draft, DraftStore } from '../../../src/snippets/editor/draft';
import { snippet } from '../fixtures';

const after = (milliseconds: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, milliseconds));

describe('Draft', () => {
  it('is clean until something differs from what is saved', () => {
    const draft = Draft.of(snippet('a'));
    expect(draft.dirty).toBe(false);
    draft.update({ name: 'Other' });
    expect(draft.dirty).toBe(true);
    draft.update({ name: 'Snippet a' });
    expect(draft.dirty).toBe(false);
  });

  it('of something new is dirty once anything stands in it', () => {
    expect(Draft.new().dirty).toBe(false);
    expect(Draft.new({ name: 'A' }).dirty).toBe(true);
  });

  it('adds, moves and removes cells, and never has none', () => {
    const draft = Draft.new({ cells: [{ kind: 'code', source: 'a' }] });
    draft.addCell(0, 'markdown');
    draft.updateCell(1, { source: 'b' });
    draft.moveCell(1, 0);
    draft.moveCell(0, -1);
    draft.moveCell(0, 9);
    expect(draft.content.cells).toEqual([
      { kind: 'markdown', source: 'b' },
      { kind: 'code', source: 'a' }
    ]);
    draft.removeCell(0);
    draft.removeCell(0);
    expect(draft.content.cells).toEqual([{ kind: 'code', source: '' }]);
  });

  it('is named after what is stored once it was saved', () => {
    const draft = Draft.new({ name: 'A' });
    expect(draft.key).toMatch(/^new:/);
    draft.rebase(snippet('a'), false);
    expect(draft.key).toBe('id:a');
    expect(draft.version).toBe(1);
    draft.detach('Copy');
    expect(draft.id).toBeNull();
    expect(draft.content.name).toBe('Copy');
  });
});

describe('DraftStore', () => {
  let state: StateDB;
  let store: DraftStore;

  beforeEach(() => {
    state = new StateDB();
    store = new DraftStore(state);
  });

  it('keeps what is not saved, and forgets it when it is', async () => {
    const draft = Draft.of(snippet('a'));
    const stop = store.follow(draft);
    draft.update({ name: 'Half written' });
    await after(350);
    const kept = await store.load('id:a');
    expect(kept?.content.name).toBe('Half written');
    expect(kept?.dirty).toBe(true);
    expect(kept?.version).toBe(1);
    draft.rebase(snippet('a', { version: 2 }), false);
    await after(350);
    expect(await store.load('id:a')).toBeNull();
    stop();
  });

  it('forgets a new draft under its old name when it was saved', async () => {
    const draft = Draft.new();
    const first = draft.key;
    const stop = store.follow(draft);
    draft.update({ name: 'A' });
    await after(350);
    expect((await store.load(first))?.key).toBe(first);
    draft.rebase(snippet('a'), false);
    await after(350);
    expect(await store.load(first)).toBeNull();
    stop();
  });

  it('takes nothing for a draft that is none', async () => {
    await state.save('orrery-snippets:draft:id:a', { content: 'broken' });
    expect(await store.load('id:a')).toBeNull();
  });

  it('does without a place to keep anything', async () => {
    const none = new DraftStore(null);
    expect(await none.load('id:a')).toBeNull();
    await expect(none.forget('id:a')).resolves.toBeUndefined();
  });
});
