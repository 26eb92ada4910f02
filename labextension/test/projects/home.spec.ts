import { Notification } from '@jupyterlab/apputils';
import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { toError } from '../../src/base/errors';
import { orreryIcon } from '../../src/base/icons';
import { HomeCards } from '../../src/projects/home/cards';
import { HomeModel } from '../../src/projects/home/model';
import { HomeView } from '../../src/projects/home/view';
import { ProjectsModel } from '../../src/projects/model';
import type { Home } from '../../src/projects/schemas';
import { MemoryClient, project, WHEN } from './fixtures';

const trans = nullTranslator.load('orrery');

let cards: HomeCards;
let client: MemoryClient;
let commands: CommandRegistry;
let ran: [string, ReadonlyPartialJSONObject][];
let view: HomeView;

function known(more: Partial<Home>): Home {
  return { user: 'ada', hub: true, project: null, links: [], recent: [], ...more };
}

async function show(home: Partial<Home>): Promise<void> {
  client.homePage = () => Promise.resolve(known(home));
  const model = new HomeModel(new ProjectsModel(client), cards, () =>
    client.homePage()
  );
  view = new HomeView({ commands, model, trans });
  Widget.attach(view, document.body);
  await drawn();
}

async function drawn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 20));
  await framePromise();
}

function press(label: string): void {
  const button = [...view.node.querySelectorAll('button')].find(one =>
    one.textContent?.includes(label)
  );
  expect(button).toBeDefined();
  button?.click();
}

beforeEach(() => {
  Notification.dismiss();
  cards = new HomeCards();
  client = new MemoryClient();
  commands = new CommandRegistry();
  ran = [];
  for (const id of [
    'docmanager:open',
    'filebrowser:open-path',
    'notebook:create-new',
    'projects:open-page',
    'projects:switch',
    'snippets:edit'
  ]) {
    commands.addCommand(id, { execute: args => void ran.push([id, args]) });
  }
});

afterEach(() => view.dispose());

describe('HomeView', () => {
  it('opens what was worked on, each by its own command', async () => {
    await show({
      recent: [
        { kind: 'notebook', label: 'train', path: 'a/train.ipynb', id: '', when: WHEN },
        { kind: 'snippet', label: 'Read Parquet', path: '', id: 's1', when: WHEN }
      ]
    });
    press('train');
    press('Read Parquet');
    expect(ran).toEqual([
      ['docmanager:open', { path: 'a/train.ipynb' }],
      ['snippets:edit', { id: 's1' }]
    ]);
  });

  it('says which file cannot be opened, why, and what to do', async () => {
    commands = new CommandRegistry();
    commands.addCommand('docmanager:open', {
      execute: () => Promise.reject(new Error('404 Not Found'))
    });
    await show({
      recent: [{ kind: 'file', label: 'x.csv', path: 'x.csv', id: '', when: WHEN }]
    });
    press('x.csv');
    await drawn();
    const [{ message }] = Notification.manager.notifications;
    expect(message).toContain('"x.csv" cannot be opened. 404 Not Found.');
    expect(message).toContain('moved or deleted');
  });

  it('follows folders in the lab, and only the web outside it', async () => {
    await show({
      links: [
        { kind: 'lake', url: '', path: 'sample/lake' },
        { kind: 'mlflow', url: 'http://127.0.0.1:5000/', path: '' },
        { kind: 'documentation', url: 'javascript:alert(1)', path: '' },
        { kind: 'hub', url: 'http://[', path: '' }
      ]
    });
    press('Lake');
    expect(ran).toEqual([['filebrowser:open-path', { path: 'sample/lake' }]]);
    const links = [...view.node.querySelectorAll('a')];
    expect(links.map(link => link.getAttribute('href'))).toEqual([
      'http://127.0.0.1:5000/',
      null,
      null
    ]);
    expect(links[0].rel).toContain('noopener');
  });

  it('offers one thing to do where there is nothing', async () => {
    await show({});
    press('Choose a Project');
    press('New Notebook');
    expect(ran.map(([id]) => id)).toEqual(['projects:switch', 'notebook:create-new']);
  });

  it('shows the project as text, whatever it is called', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await show({ project: project('one', { name, description: name, members: 1 }) });
    expect(view.node.querySelector('h2')?.textContent).toBe(name);
    expect(view.node.querySelector('img')).toBeNull();
    expect(view.node.textContent).toContain('1 member');
  });

  it('says why it knows nothing, and comes back', async () => {
    client.error = toError({ code: 'network_down', message: 'Gone' });
    const model = new HomeModel(new ProjectsModel(client), cards, () =>
      client.homePage()
    );
    view = new HomeView({ commands, model, trans });
    Widget.attach(view, document.body);
    await drawn();
    expect(view.node.querySelector('[role=alert]')?.textContent).toContain('Gone.');
    client.error = null;
    press('Try Again');
    await drawn();
    expect(view.node.querySelector('[role=alert]')).toBeNull();
    expect(view.node.textContent).toContain('ada');
  });

  it('leads from the project to its page', async () => {
    await show({ project: project('one') });
    press('Members and Settings');
    expect(ran).toEqual([['projects:open-page', { slug: 'one' }]]);
  });

  it('shows the cards of capabilities by rank, with what runs and the next step', async () => {
    const open = { command: 'eda:open-panel' };
    const base = { icon: orreryIcon, open, caption: 'Nothing yet' };
    const failing = { ...base, capability: 'git', title: 'Git', rank: 30 };
    cards.addCard({ ...failing, load: () => Promise.reject(new Error('No git')) });
    cards.addCard({ ...base, capability: 'data', title: 'Data', rank: 20 });
    const card = cards.addCard({
      ...base,
      capability: 'eda',
      title: 'Auto-EDA',
      rank: 10,
      next: { command: 'notebook:create-new', label: 'Profile a Table…' },
      load: () =>
        Promise.resolve([
          {
            label: 'wine.csv',
            state: 'running',
            meta: '40 %',
            command: 'snippets:edit'
          }
        ])
    });
    await show({});
    const shown = [...view.node.querySelectorAll('[data-capability]')];
    expect(shown.map(node => node.getAttribute('data-capability'))).toEqual([
      'project',
      'eda',
      'data',
      'git'
    ]);
    expect(shown[1].textContent).toContain('wine.csvrunning40 %');
    expect(shown[2].textContent).toContain('Nothing yet');
    expect(shown[3].textContent).toContain('No git');
    press('wine.csv');
    press('Profile a Table…');
    expect(ran.map(([id]) => id)).toEqual(['snippets:edit', 'notebook:create-new']);
    card.dispose();
    await drawn();
    expect(view.node.textContent).not.toContain('Auto-EDA');
  });
});
