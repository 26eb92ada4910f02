import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import axe from 'axe-core';

import { toError } from '../../src/base/errors';
import type { PanelWidget } from '../../src/base/panel/widget';
import { Selection } from '../../src/base/panel/selection';
import { Preferences } from '../../src/base/preferences';
import { CommandIDs } from '../../src/snippets/commands';
import type { ISnippetsContext } from '../../src/snippets/context';
import { addIcon } from '@jupyterlab/ui-components';
import type { SnippetDrag } from '../../src/snippets/insert/drag';
import { Requirements } from '../../src/snippets/insert/requirements';
import { SnippetsModel } from '../../src/snippets/model';
import type { Snippet } from '../../src/snippets/schemas';
import { DEFAULTS } from '../../src/snippets/settings';
import { createPanel } from '../../src/snippets/widget';
import { mockLayout } from '../base/panel/layout';
import { MemoryClient, snippet } from './fixtures';

mockLayout();

async function drawn(): Promise<void> {
  for (let times = 0; times < 2; times++) {
    await new Promise(resolve => setTimeout(resolve, 20));
    await framePromise();
  }
}

describe('the panel', () => {
  let client: MemoryClient;
  let context: ISnippetsContext;
  let panel: PanelWidget;
  let executed: [string, unknown][];

  const show = async (): Promise<void> => {
    panel = createPanel(context, {} as SnippetDrag, nullTranslator);
    Widget.attach(panel, document.body);
    await drawn();
    await drawn();
  };
  const row = (id: string): HTMLElement =>
    panel.node.querySelector<HTMLElement>(`.orrery-row[data-id="${id}"]`)!;
  const click = async (node: Element): Promise<void> => {
    node.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }));
    await drawn();
  };
  const press = async (key: string, more: KeyboardEventInit = {}): Promise<void> => {
    document.activeElement!.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
    );
    await drawn();
  };

  beforeEach(() => {
    executed = [];
    client = new MemoryClient(
      snippet('a', { favourite: true, tags: ['eda'], unseen: true }),
      snippet('b', { library: 'orrery', scope: 'everyone', writable: false }),
      snippet('c', { scope: 'project', project: 'sample', updated_by: 'grace' })
    );
    const commands = new CommandRegistry();
    for (const id of Object.values(CommandIDs)) {
      commands.addCommand(id, {
        label: id,
        icon: addIcon,
        execute: args => void executed.push([id, args])
      });
    }
    context = {
      commands,
      trans: nullTranslator.load('orrery'),
      model: new SnippetsModel(client, 5),
      selection: new Selection<Snippet>(({ id }) => id),
      preferences: new Preferences(DEFAULTS),
      inserter: {
        targetChanged: new Signal({}),
        target: () => null
      } as unknown as ISnippetsContext['inserter'],
      requirements: new Requirements(() => null),
      code: { languages: null } as unknown as ISnippetsContext['code'],
      projects: null,
      toolbar: null,
      user: () => 'ada'
    };
  });
  afterEach(() => {
    panel.dispose();
    context.model.dispose();
  });

  it('shows snippets with what is worth knowing of them, and follows the rules of accessibility', async () => {
    await show();
    expect(row('a').textContent).toContain('Updated');
    expect(row('a').textContent).toContain('eda');
    expect(row('b').textContent).toContain('Library orrery');
    expect(row('b').dataset.writable).toBe('false');
    expect(row('c').textContent).toContain('grace');
    expect(row('c').textContent).toContain('Project sample');
    const facts = [...panel.node.querySelectorAll('[role=status]')];
    expect(facts.at(-1)?.textContent).toBe('3 snippets');
    const { violations } = await axe.run(panel.content.node, {
      // There is no layout here, and no page around it.
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id, nodes }) => [id, nodes[0].html])).toEqual([]);
  });

  it('opens a row by a click and by Enter, and inserts nothing by that', async () => {
    await show();
    await click(row('a').querySelector('.orrery-row-line')!);
    expect(row('a').getAttribute('aria-expanded')).toBe('true');
    expect(row('a').textContent).toContain('print("a")');
    expect(client.marks).toEqual([['a', { seen: true }]]);
    row('a').focus();
    await press('ArrowDown');
    await press('Enter');
    expect(row('b').textContent).toContain('print("b")');
    expect(executed).toEqual([]);
  });

  it('runs the commands of buttons and keys on their row', async () => {
    await show();
    await click(row('b').querySelector(`button[aria-label="${CommandIDs.insert}"]`)!);
    row('b').focus();
    await press('F2');
    await press('Delete');
    await press('c', { ctrlKey: true });
    await press('d', { ctrlKey: true });
    const { insert, edit, delete: remove, copy, duplicate } = CommandIDs;
    expect(executed).toEqual(
      [insert, edit, remove, copy, duplicate].map(id => [id, { id: 'b' }])
    );
    expect(context.selection.keys).toEqual(['b']);
    // What can only be read is duplicated to be edited.
    expect(
      row('b').querySelector(`button[aria-label="${CommandIDs.duplicate}"]`)
    ).not.toBeNull();
  });

  it('narrows by scope and favourites', async () => {
    await show();
    const button = (text: string): Element =>
      [...panel.node.querySelectorAll('button')].find(
        node => node.textContent.startsWith(text) || node.title === text
      )!;
    await click(button('Mine'));
    await click(button('Only favourites'));
    expect(client.asked.at(-1)).toMatchObject({ scope: 'mine', favourite: true });
    await drawn();
    const facts = [...panel.node.querySelectorAll('[role=status]')];
    expect(facts.at(-1)?.textContent).toBe('1 of 3');
  });

  const search = async (text: string, wait = true): Promise<HTMLInputElement> => {
    const field = panel.node.querySelector('.jp-FilterBox') as HTMLInputElement;
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    if (wait) {
      await drawn();
      await drawn();
    }
    return field;
  };
  const enter = async (field: HTMLElement): Promise<void> => {
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await drawn();
    await drawn();
  };

  it.each([
    ['once it is found', true],
    ['that is still looked for', false]
  ])('inserts the best match %s by Enter in the search', async (_, wait) => {
    await show();
    await enter(await search('b', wait));
    expect(executed).toEqual([[CommandIDs.insert, { id: 'b' }]]);
  });

  it('inserts nothing by Enter where nothing is searched for, or nothing matches', async () => {
    await show();
    await enter(panel.node.querySelector('.jp-FilterBox') as HTMLElement);
    await enter(await search('nothing like it'));
    expect(executed).toEqual([]);
  });

  it('says that the rows are only near, and inserts none of them by Enter', async () => {
    client.nearest = [client.snippets[1]];
    await show();
    const note = (): string | undefined =>
      panel.node.querySelector('.orrery-snippets-nearest')?.textContent ?? undefined;
    expect(note()).toBeUndefined();
    const field = await search('nothing like it');
    expect(note()).toBe('No snippet has all these words. Nearest:');
    expect(row('b')).not.toBeNull();
    await enter(field);
    expect(executed).toEqual([]);
  });

  it('lists near ones under a heading where a hit is only by chance', async () => {
    client.nearest = [client.snippets[2], client.snippets[0]];
    await show();
    const field = await search('b');
    const heading = 'Nearest, with most of these words:';
    expect(row('c').textContent).toMatch(new RegExp(`^${heading}`));
    expect(row('a').textContent).not.toContain(heading);
    const facts = [...panel.node.querySelectorAll('[role=status]')];
    expect(facts.at(-1)?.textContent).toBe('1 of 3');
    await enter(field);
    expect(executed).toEqual([[CommandIDs.insert, { id: 'b' }]]);
  });

  it('asks for the language of the place first, and asks anew when that is another', async () => {
    let language = 'python';
    context.model.placeLanguage = () => language;
    await show();
    expect(client.asked.at(-1)?.prefer).toBeUndefined();
    await search('b');
    expect(client.asked.at(-1)).toMatchObject({ q: 'b', prefer: 'python' });
    const { length } = client.asked;
    context.model.followPlace();
    await drawn();
    expect(client.asked).toHaveLength(length);
    language = 'r';
    context.model.followPlace();
    await drawn();
    expect(client.asked.at(-1)).toMatchObject({ q: 'b', prefer: 'r' });
    // What is no name of a language is not sent.
    language = 'Wolfram Language';
    context.model.followPlace();
    await drawn();
    expect(client.asked.at(-1)?.prefer).toBeUndefined();
  });

  it('inserts the best match by Enter when the list has another order', async () => {
    context.model.filter({ sort: 'name' });
    await show();
    await enter(await search('b'));
    expect(executed).toEqual([[CommandIDs.insert, { id: 'b' }]]);
    expect(client.asked.at(-1)).toMatchObject({ q: 'b', sort: 'relevance', limit: 1 });
  });

  it('tells none yet from no match', async () => {
    await show();
    context.model.filter({ scope: 'everyone' });
    await drawn();
    client.snippets = client.snippets.filter(({ scope }) => scope !== 'everyone');
    await context.model.refresh();
    await drawn();
    const { node } = panel;
    expect(node.textContent).toContain('None yet');
    expect(node.textContent).toContain('shared with everyone');
    context.model.filter({ scope: null, favourite: true });
    client.snippets = client.snippets.map(each => ({ ...each, favourite: false }));
    await context.model.refresh();
    await drawn();
    expect(node.textContent).toContain('mark with a star');
    context.model.filter({ favourite: false, q: 'zzz' });
    await drawn();
    expect(node.textContent).toContain('No snippet matches');
    expect(node.textContent).not.toContain('None yet');
  });

  it('shows in each row who sees it, and the snippets of a tag from a preview', async () => {
    await show();
    expect(row('a').textContent).toContain('Mine');
    await click(row('a').querySelector('.orrery-row-line')!);
    await click(row('a').querySelector('.orrery-snippets-tags button')!);
    expect(client.asked.at(-1)).toMatchObject({ tag: ['eda'] });
  });

  it('shows as the project the one that the lab works in', async () => {
    const projects = {
      current: { slug: 'sample', name: 'Sample' } as {
        slug: string;
        name: string;
      } | null,
      currentChanged: new Signal({})
    };
    context = { ...context, projects: projects as never };
    await show();
    const chips = (): (string | null)[] =>
      [...panel.node.querySelectorAll('[title*="snippet"]')].map(
        ({ textContent }) => textContent
      );
    expect(chips()).toContain('Project 1');
    projects.current = { slug: 'other', name: 'Other' };
    context.model.showScope('project', 'other');
    await drawn();
    expect(client.asked.at(-1)).toMatchObject({ scope: 'project', project: 'other' });
    expect(chips()).toContain('Project 0');
    projects.current = null;
    context.model.followProject(null);
    await drawn();
    expect(client.asked.at(-1)).toMatchObject({ scope: null, project: null });
    expect(chips().some(text => text?.startsWith('Project'))).toBe(false);
  });

  it('teaches what a snippet is while there is none, and says why it cannot load', async () => {
    client.snippets = [];
    await show();
    expect(panel.node.textContent).toContain('No snippets yet');
    const [first] = panel.node.querySelectorAll('.orrery-empty button');
    await click(first);
    expect(executed).toEqual([[CommandIDs.new, {}]]);
    client.error = toError({ code: 'forbidden', message: 'Not yours' });
    await context.model.refresh();
    await drawn();
    expect(panel.node.textContent).toContain('The snippets could not be loaded');
    expect(panel.node.textContent).toContain('Not yours');
  });
});
