import { toError } from '../../../src/base/errors';
import { Draft } from '../../../src/snippets/editor/draft';
import { SnippetsModel } from '../../../src/snippets/model';
import {
  saveDraft,
  type IQuestions,
  type Settlement
} from '../../../src/snippets/editor/save';
import { MemoryClient, snippet } from '../fixtures';

describe('saveDraft', () => {
  let client: MemoryClient;
  let model: SnippetsModel;
  let questions: jest.Mocked<IQuestions>;

  beforeEach(() => {
    client = new MemoryClient(snippet('a'));
    model = new SnippetsModel(client);
    questions = {
      secrets: jest.fn(),
      conflict: jest.fn(),
      deleted: jest.fn(),
      copyName: jest.fn(name => `${name} (copy)`)
    };
  });
  afterEach(() => model.dispose());

  /** A draft of a snippet that somebody else saves meanwhile. */
  const overtaken = (): Draft => {
    const draft = Draft.of(client.snippets[0]);
    draft.update({ name: 'Mine' });
    client.snippets = [snippet('a', { name: 'Theirs', version: 2 })];
    return draft;
  };

  const settle = (settlement: Settlement | null): void => {
    questions.conflict.mockResolvedValue(settlement);
  };

  it('saves, and is clean then', async () => {
    const draft = Draft.new({ name: 'New', cells: [{ kind: 'code', source: 'x' }] });
    const saved = await saveDraft(draft, model, questions);
    expect(saved?.name).toBe('New');
    expect(draft.dirty).toBe(false);
    expect(draft.id).toBe(saved?.id);
  });

  it('saves a secret only when told to', async () => {
    const draft = Draft.new({
      name: 'S',
      cells: [{ kind: 'code', source: 'password' }]
    });
    questions.secrets.mockResolvedValueOnce(false);
    expect(await saveDraft(draft, model, questions)).toBeNull();
    expect(client.snippets).toHaveLength(1);
    expect(questions.secrets.mock.calls[0][0]).toEqual([
      { kind: 'password', cell: 0, line: 1, excerpt: 'password = ***' }
    ]);
    questions.secrets.mockResolvedValueOnce(true);
    expect((await saveDraft(draft, model, questions))?.name).toBe('S');
  });

  it('goes back to edit and keeps both', async () => {
    settle(null);
    const draft = overtaken();
    expect(await saveDraft(draft, model, questions)).toBeNull();
    expect(draft.content.name).toBe('Mine');
    expect(client.snippets[0].name).toBe('Theirs');
    expect(questions.conflict.mock.calls[0][0].theirs.name).toBe('Theirs');
  });

  it('takes theirs', async () => {
    settle({ choice: 'theirs' });
    const draft = overtaken();
    await saveDraft(draft, model, questions);
    expect(draft.content.name).toBe('Theirs');
    expect(draft.dirty).toBe(false);
    expect(client.snippets[0].version).toBe(2);
  });

  it('keeps mine, over theirs', async () => {
    settle({ choice: 'mine' });
    await saveDraft(overtaken(), model, questions);
    expect(client.snippets[0]).toMatchObject({ name: 'Mine', version: 3 });
  });

  it('saves mine beside theirs', async () => {
    settle({ choice: 'copy' });
    await saveDraft(overtaken(), model, questions);
    expect(client.snippets.map(one => one.name)).toEqual(['Theirs', 'Mine (copy)']);
  });

  it('saves what both became', async () => {
    settle({
      choice: 'merged',
      content: { name: 'Both', cells: [{ kind: 'code', source: 'both' }] }
    });
    await saveDraft(overtaken(), model, questions);
    expect(client.snippets[0].name).toBe('Both');
    expect(client.snippets[0].cells[0].source).toBe('both');
  });

  it('keeps what is written while it saves', async () => {
    const draft = Draft.of(client.snippets[0]);
    draft.update({ name: 'First' });
    const saving = saveDraft(draft, model, questions);
    draft.update({ name: 'Second' });
    await saving;
    expect(client.snippets[0].name).toBe('First');
    expect(draft.content.name).toBe('Second');
    expect(draft.dirty).toBe(true);
  });

  it('passes on every other refusal', async () => {
    client.error = toError({ code: 'forbidden', message: 'You may only read' });
    await expect(saveDraft(overtaken(), model, questions)).rejects.toThrow(
      'You may only read'
    );
  });

  describe('of a snippet that was deleted meanwhile', () => {
    const deleted = async (): Promise<Draft> => {
      const draft = Draft.of(client.snippets[0]);
      draft.update({ name: 'Mine' });
      await client.delete('a');
      return draft;
    };

    it('keeps the text as a new snippet', async () => {
      const draft = await deleted();
      questions.deleted.mockResolvedValue('copy');
      const saved = await saveDraft(draft, model, questions);
      expect(questions.deleted).toHaveBeenCalledWith('Mine', true);
      expect(saved?.id).not.toBe('a');
      expect([saved?.name, draft.id]).toEqual(['Mine', saved?.id]);
    });

    it('brings it back and saves the text as its next version', async () => {
      const draft = await deleted();
      questions.deleted.mockResolvedValue('restore');
      const saved = await saveDraft(draft, model, questions);
      expect([saved?.id, saved?.name]).toEqual(['a', 'Mine']);
    });

    it('says when it cannot be brought back, and saves nothing when the person goes back', async () => {
      const draft = await deleted();
      client.deleted = [];
      questions.deleted.mockResolvedValueOnce('restore').mockResolvedValueOnce(null);
      expect(await saveDraft(draft, model, questions)).toBeNull();
      expect(questions.deleted.mock.calls).toEqual([
        ['Mine', true],
        ['Mine', false]
      ]);
      expect(draft.content.name).toBe('Mine');
    });
  });
});
