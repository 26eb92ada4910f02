import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import type { ISnippetsContext } from '../../../src/snippets/context';
import { SnippetsModel } from '../../../src/snippets/model';
import type { ImportJob } from '../../../src/snippets/schemas';
import { textsOf } from '../../../src/snippets/transfer/filedrop';
import { followImports, importFiles } from '../../../src/snippets/transfer/import';
import { importJob, MemoryClient } from '../fixtures';

const named = (count: number): { id: string; name: string }[] =>
  Array.from({ length: count }, (_, index) => ({ id: `i${index}`, name: `N${index}` }));

describe('an import', () => {
  let client: MemoryClient;
  let context: ISnippetsContext;

  const dialog = (): HTMLElement | null => document.querySelector('.jp-Dialog');
  const press = async (label: string): Promise<void> => {
    const buttons = [...document.querySelectorAll<HTMLElement>('.jp-Dialog button')];
    buttons.find(button => button.textContent === label)!.click();
    await jest.advanceTimersByTimeAsync(50);
  };
  const told = () => Notification.manager.notifications.map(({ message }) => message);
  const act = async (label: string): Promise<boolean> => {
    const actions = Notification.manager.notifications.at(-1)!.options.actions!;
    const event = new MouseEvent('click', { cancelable: true });
    actions.find(action => action.label === label)!.callback(event);
    await jest.advanceTimersByTimeAsync(50);
    return event.defaultPrevented;
  };
  const begin = async (job: ImportJob, ...then: ImportJob[]): Promise<void> => {
    client.jobs = then;
    client.importFiles = () => Promise.resolve(job);
    const files = [{ name: 'a.py', content: 'a' }];
    void importFiles(context, { files, problems: [], leftOut: [] }, false);
    await jest.advanceTimersByTimeAsync(50);
    await press('Import');
  };

  beforeEach(() => {
    jest.useFakeTimers();
    client = new MemoryClient();
    context = {
      model: new SnippetsModel(client, 0),
      trans: nullTranslator.load(''),
      projects: null
    } as unknown as ISnippetsContext;
  });
  afterEach(async () => {
    document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-accept')?.click();
    await jest.advanceTimersByTimeAsync(50);
    Notification.manager.dismiss();
    context.model.dispose();
    jest.useRealTimers();
  });

  it('that is over at once ends with a dialog', async () => {
    await begin(importJob({ created: named(1_200) }));
    expect(dialog()!.textContent).toContain('1,200 snippets added');
    expect(told()).toEqual([]);
    await press('Undo import');
    expect(client.undone).toEqual(['j1']);
  });

  it('that took longer takes no keys: a notification shows the report and undoes it', async () => {
    const running = importJob({}, { state: 'running', report: null, total: 1_200 });
    const last = importJob({ created: named(1_200) });
    await begin(running, ...Array<ImportJob>(6).fill(running), last);
    document.body.focus();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(dialog()).toBeNull();
    expect(told()).toEqual([
      'Import finished: 1,200 snippets added, 0 left alone, 0 not read'
    ]);
    expect(await act('Details')).toBe(true);
    expect(dialog()!.textContent).toContain('1,200 snippets added');
    await press('Close');
    expect(await act('Undo')).toBe(false);
    expect(client.undone).toEqual(['j1']);
  });

  it.each([
    ['cancelled', 'Import cancelled: ', 'warning'],
    ['failed', 'Import stopped: ', 'error']
  ] as const)(
    'that was %s says how many were not reached',
    async (state, title, type) => {
      const more = { state, done: 200, total: 1_200 };
      await followImports(context, [importJob({ created: named(200) }, more)]);
      const [{ message, type: shown }] = Notification.manager.notifications;
      expect(message).toBe(
        `${title}200 snippets added, 0 left alone, 0 not read, 1,000 snippets not reached`
      );
      expect(shown).toBe(type);
    }
  );

  it('offers no undo where nothing was added', async () => {
    await followImports(context, [importJob()]);
    const { actions } = Notification.manager.notifications[0].options;
    expect(actions!.map(({ label }) => label)).toEqual(['Details']);
  });

  it('of a folder says what of it was left out', async () => {
    const file = (path: string): File => {
      const made = new File(['x'], path.slice(path.lastIndexOf('/') + 1));
      Object.defineProperty(made, 'webkitRelativePath', { value: `top/${path}` });
      made.arrayBuffer = () => Promise.resolve(new Uint8Array([120]).buffer);
      return made;
    };
    const paths = ['a.py', 'in/notes.txt', 'node_modules/b.js', 'node_modules/c.js'];
    const { files, problems, leftOut } = await textsOf(paths.map(file));
    expect(files.map(({ name }) => name)).toEqual(['a.py']);
    expect(problems).toEqual([]);
    expect(leftOut.map(left => [left.file, left.reason])).toEqual([
      ['in/notes.txt', 'It is no file of snippets and no script.'],
      ['node_modules', 'What is in this folder was made by programs.']
    ]);
  });
});
