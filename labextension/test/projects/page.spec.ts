import { Notification } from '@jupyterlab/apputils';
import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { toError } from '../../src/base/errors';
import { ProjectsModel } from '../../src/projects/model';
import { ProjectPageModel } from '../../src/projects/page/model';
import { ProjectPage } from '../../src/projects/page/view';
import type { Member } from '../../src/projects/schemas';
import { member, MemoryClient, project, WHEN } from './fixtures';

const trans = nullTranslator.load('orrery');

let client: MemoryClient;
let model: ProjectPageModel;
let projects: ProjectsModel;
let page: ProjectPage;
let ran: [string, ReadonlyPartialJSONObject][];

beforeEach(() => {
  Notification.dismiss();
  client = new MemoryClient(project('one', { role: 'owner' }));
  client.people.push(member('ben'), member('cleo', 'viewer'));
  projects = new ProjectsModel(client);
});

afterEach(() => {
  page.dispose();
  model.dispose();
});

async function show(slug = 'one'): Promise<void> {
  ran = [];
  const commands = new CommandRegistry();
  for (const id of ['leave', 'delete', 'undelete', 'purge', 'switch']) {
    commands.addCommand(`projects:${id}`, {
      execute: args => void ran.push([id, args])
    });
  }
  commands.addCommand('filebrowser:open-path', {
    execute: args => void ran.push(['open', args])
  });
  await projects.refresh();
  model = new ProjectPageModel(projects, slug);
  page = new ProjectPage({ commands, model, trans });
  Widget.attach(page, document.body);
  await drawn();
}

async function drawn(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 30));
  await framePromise();
}

function all<T extends HTMLElement>(selector: string): T[] {
  return [...page.node.querySelectorAll<T>(selector)];
}

function button(label: string): HTMLButtonElement {
  const match = all<HTMLButtonElement>('button').find(node =>
    [node.getAttribute('aria-label'), node.textContent, node.title].includes(label)
  );
  expect(match).toBeDefined();
  return match as HTMLButtonElement;
}

async function press(label: string): Promise<void> {
  button(label).focus();
  button(label).click();
  await drawn();
}

/** Press a button of the dialog that is open. */
async function answer(label: string): Promise<void> {
  const buttons = [...document.querySelectorAll<HTMLElement>('.jp-Dialog-button')];
  buttons.find(({ textContent }) => textContent === label)?.click();
  await drawn();
}

async function enter(
  element: HTMLInputElement | HTMLSelectElement,
  value: string
): Promise<void> {
  const prototype = Object.getPrototypeOf(element) as object;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(element, value);
  const name = element instanceof HTMLSelectElement ? 'change' : 'input';
  element.dispatchEvent(new Event(name, { bubbles: true }));
  await drawn();
}

async function send(selector: string): Promise<void> {
  page.node
    .querySelector(selector)
    ?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await drawn();
}

const field = (name: string): HTMLInputElement =>
  page.node.querySelector(`[name=${name}]`) as HTMLInputElement;
const role = (user: string): HTMLSelectElement =>
  page.node.querySelector(`[aria-label="Role of ${user}"]`) as HTMLSelectElement;
const messages = (): string[] =>
  Notification.manager.notifications.map(({ message }) => message);

describe('ProjectPage', () => {
  it('shows what the project is, who is in it and where it lies', async () => {
    await show();
    expect(page.node.querySelector('h1')?.textContent).toBe('Project one');
    expect(all('li').map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('ada (you)'),
        expect.stringContaining('ben'),
        expect.stringContaining('/lakes/one')
      ])
    );
    expect(role('cleo').value).toBe('viewer');
  });

  it('is edited in place by an owner', async () => {
    await show();
    await press('Edit');
    await enter(field('name'), '   ');
    await send('form.orrery-page-form');
    expect(page.node.textContent).toContain('Give the project a name.');
    await enter(field('name'), ' First ');
    await send('form.orrery-page-form');
    expect(client.projects[0].name).toBe('First');
    expect(page.node.querySelector('h1')?.textContent).toBe('First');
    expect(document.activeElement).toBe(button('Edit'));
  });

  it('is sorted by category and labels, pinned and archived', async () => {
    const links = [{ title: 'Board', url: 'https://board.example' }];
    client.projects = [project('one', { role: 'owner', links })];
    await show();
    const link = page.node.querySelector<HTMLAnchorElement>('.orrery-page-tags a');
    expect([link?.textContent, link?.rel]).toEqual(['Board', 'noopener noreferrer']);
    await press('Edit');
    await enter(field('category'), ' Churn ');
    await enter(field('labels'), 'eu, , gpu,eu');
    await send('form.orrery-page-form');
    expect(client.projects[0]).toMatchObject({
      category: 'Churn',
      labels: ['eu', 'gpu']
    });
    const badges = all('.orrery-page-badge').map(({ textContent }) => textContent);
    expect(badges).toEqual(expect.arrayContaining(['Churn', 'eu', 'gpu']));
    await press('Pin');
    expect(button('Pinned').getAttribute('aria-pressed')).toBe('true');
    await press('Archive Project');
    expect(page.node.textContent).toContain('archived');
    expect(all('button').map(({ textContent }) => textContent)).not.toContain(
      'Work in This Project'
    );
    await press('Restore Project');
    expect(client.projects[0].archived).toBeNull();
    client.shelve = () => Promise.reject(toError({ message: 'Too late' }));
    await press('Pinned');
    expect(messages()).toEqual([expect.stringContaining('Too late')]);
  });

  it('stays in the form when the server refuses, and says why', async () => {
    await show();
    await press('Edit');
    client.update = () => Promise.reject(toError({ message: 'Too late' }));
    await send('form.orrery-page-form');
    expect(field('name').getAttribute('aria-invalid')).toBe('true');
    expect(page.node.textContent).toContain('Too late.');
    field('name').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })
    );
    await drawn();
    expect(field('name')).toBeNull();
  });

  it('invites a person with a role', async () => {
    await show();
    await send('form.orrery-page-invitation');
    expect(page.node.textContent).toContain('Type the user name');
    await enter(field('user'), ' dora ');
    await enter(
      page.node.querySelector('[aria-label="Role of the invited person"]') as never,
      'viewer'
    );
    await send('form.orrery-page-invitation');
    expect(client.people).toContainEqual(member('dora', 'viewer'));
    expect(role('dora').value).toBe('viewer');
    expect(field('user').value).toBe('');
    expect(all('[role=status]').at(-1)?.textContent).toContain('dora');
  });

  it.each([
    ['grace', 'owner', 'editor', 'grace is a member already: Owner.'],
    ['ben', 'editor', 'editor', 'ben is a member already: Editor.'],
    ['ada', 'owner', 'editor', 'ada is a member already: Owner.']
  ] as const)('says that %s is %s already, and changes nothing', async (...variant) => {
    const [user, was, invited, text] = variant;
    client.people.push(member('grace', 'owner'));
    await show();
    await enter(field('user'), user);
    await send('form.orrery-page-invitation');
    expect(page.node.textContent).toContain(text);
    expect(client.people).toContainEqual(member(user, was));
    expect(client.asked).not.toContain('setRole');
    const change = all('button').find(
      ({ textContent }) => textContent === 'Change Role to Editor'
    );
    expect(change !== undefined).toBe(was !== invited);
    if (change) {
      change.click();
      await drawn();
      if (user === 'ada') {
        await answer('Give Up');
      }
      expect(client.people).toContainEqual(member(user, 'editor'));
      expect(page.node.textContent).not.toContain('already');
    }
  });

  it('says so when somebody else invited the person meanwhile', async () => {
    await show();
    await enter(field('user'), 'dora');
    client.setRole = () => {
      client.people.push(member('dora', 'owner'));
      return Promise.reject(toError({ code: 'conflict', message: 'A member already' }));
    };
    await send('form.orrery-page-invitation');
    expect(page.node.textContent).toContain('dora is a member already: Owner.');
  });

  it.each(['../x', 'dom/user', 'a\tb'])(
    'says what is wrong with the name %j',
    async name => {
      await show();
      await enter(field('user'), name);
      await send('form.orrery-page-invitation');
      expect(page.node.textContent).toContain('A user name has no slash');
      expect(client.asked).not.toContain('setRole');
    }
  );

  it('says that it is at work, and sends once', async () => {
    await show();
    let done = (): void => undefined;
    const put = jest.fn(
      () =>
        new Promise<Member>(resolve => {
          done = () => resolve(member('dora'));
        })
    );
    client.setRole = put;
    await enter(field('user'), 'dora');
    await send('form.orrery-page-invitation');
    await send('form.orrery-page-invitation');
    expect(put).toHaveBeenCalledTimes(1);
    expect(button('Inviting…').disabled).toBe(true);
    expect(all('[role=status]').at(-1)?.textContent).toBe('Inviting dora…');
    done();
    await drawn();
    expect(button('Invite').disabled).toBe(false);
  });

  it('follows what others did with the project that the lab works in', async () => {
    client.now = client.projects[0];
    await show();
    client.now = client.projects[0] = project('one', { role: 'viewer', name: 'Other' });
    await projects.check();
    await drawn();
    expect(page.node.querySelector('h1')?.textContent).toBe('Other');
    expect(button('Edit').disabled).toBe(true);
    client.projects = [];
    client.now = null;
    await projects.check();
    await drawn();
    expect(page.node.querySelector('h3')?.textContent).toContain('"Other"');
  });

  it('says why somebody cannot be invited', async () => {
    await show();
    client.setRole = () => Promise.reject(toError({ message: 'No such name' }));
    await enter(field('user'), 'dora');
    await send('form.orrery-page-invitation');
    expect(page.node.textContent).toContain('No such name.');
    expect(field('user').value).toBe('dora');
  });

  it('changes a role at once, and takes it back in the words of a refusal', async () => {
    await show();
    await enter(role('ben'), 'viewer');
    expect(client.people).toContainEqual(member('ben', 'viewer'));
    client.setRole = () =>
      Promise.reject(
        toError({ code: 'conflict', message: 'A project needs an owner' })
      );
    await enter(role('ben'), 'editor');
    expect(role('ben').value).toBe('viewer');
    expect(messages()).toEqual(['A project needs an owner.']);
  });

  it('asks an owner who gives up the own rights', async () => {
    client.people.push(member('dora', 'owner'));
    await show();
    await enter(role('ada'), 'editor');
    await answer('Cancel');
    expect(role('ada').value).toBe('owner');
    await enter(role('ada'), 'editor');
    await answer('Give Up');
    expect(client.people).toContainEqual(member('ada', 'editor'));
  });

  it.each(['the row', 'the danger zone'])(
    'says in %s why the last owner stays',
    async () => {
      await show();
      expect(role('ada').disabled).toBe(true);
      expect(role('ada').parentElement?.title).toContain('only owner');
      expect(button('Leave Project…').disabled).toBe(true);
      const label = 'You are its only owner. Make somebody else an owner first.';
      expect(button(label).getAttribute('aria-disabled')).toBe('true');
      expect(page.node.querySelector('.orrery-page-danger')?.textContent).toContain(
        label
      );
      await enter(role('ben'), 'owner');
      expect(role('ada').disabled).toBe(false);
      expect(button('Leave Project…').disabled).toBe(false);
    }
  );

  it('removes a member with a way back, and the keyboard stays in the list', async () => {
    await show();
    await press('Remove ben from the project');
    expect(role('ben')).toBeNull();
    expect(document.activeElement).toBe(button('Remove cleo from the project'));
    const [undo] = Notification.manager.notifications[0].options.actions ?? [];
    undo.callback(new MouseEvent('click'));
    await drawn();
    expect(role('ben').value).toBe('editor');
  });

  it('leaves by the own row or by the danger zone, and deletes there', async () => {
    client.people.push(member('dora', 'owner'));
    await show();
    await press('Remove ada from the project');
    await press('Leave Project…');
    await press('Delete Project…');
    const args = { slug: 'one' };
    expect(ran).toEqual([
      ['leave', args],
      ['leave', args],
      ['delete', args]
    ]);
  });

  it('disables what only owners may do, and says so', async () => {
    client.projects[0].role = 'editor';
    await show();
    expect(button('Edit').disabled).toBe(true);
    expect(button('Edit').title).toContain('Only owners');
    expect(role('ben').disabled).toBe(true);
    expect(button('Delete Project…').disabled).toBe(true);
    expect(button('Leave Project…').disabled).toBe(false);
    expect(field('user')).toBeNull();
    expect(page.node.textContent).toContain('Only owners of the project invite people');
  });

  it.each([
    ['one', false],
    ['personal', true]
  ])('disables in %s what cannot be done without a hub', async (slug, isPersonal) => {
    client.projects = [project(slug, { role: 'owner', members: 1 })];
    client.people = [member('ada', 'owner')];
    client.hub = false;
    await show(slug);
    const reason = 'Without a hub you are its only member.';
    expect(role('ada').disabled).toBe(true);
    expect(role('ada').parentElement?.title).toBe(reason);
    expect(button(reason).getAttribute('aria-disabled')).toBe('true');
    expect(button('Leave Project…').disabled).toBe(true);
    expect(button('Delete Project…').disabled).toBe(isPersonal);
    expect(button('Edit').disabled).toBe(isPersonal);
    expect(page.node.textContent?.includes('neither changed nor deleted')).toBe(
      isPersonal
    );
  });

  it.each([
    ['the last owner', 'viewer', true],
    ['one of two owners', 'owner', false]
  ] as const)('lets %s of a hundred members leave or not', async (_, role, isFixed) => {
    client.people = [member('ada', 'owner')];
    for (let number = 0; number < 100; number++) {
      client.people.push(member(`m${number}`));
    }
    client.people.push(member('zoe', role));
    client.projects = [project('one', { role: 'owner', members: 102 })];
    await show();
    expect(button('Leave Project…').disabled).toBe(isFixed);
  });

  it('says what to do to work with others where there is no hub', async () => {
    client.hub = false;
    await show();
    expect(field('user')).toBeNull();
    expect(page.node.textContent).toContain('orrery up');
    expect(button('Leave Project…').disabled).toBe(true);
    expect(button('Delete Project…').disabled).toBe(false);
  });

  it('shows members page by page, and searches them on the server', async () => {
    client.people = Array.from({ length: 120 }, (_, n) => member(`user-${n}`));
    client.projects[0].members = 120;
    await show();
    // The list waits for a pause in typing, and a busy machine for longer.
    const untilShown = async (count: number): Promise<void> => {
      for (let turn = 0; turn < 60 && model.members.items.length !== count; turn++) {
        await drawn();
      }
      await drawn();
      expect(all('select[aria-label^="Role of user"]')).toHaveLength(count);
    };
    await untilShown(50);
    await press('Show More (50 of 120 are shown)');
    await untilShown(100);
    await press('Show More (100 of 120 are shown)');
    await untilShown(120);
    const search = page.node.querySelector('.jp-FilterBox') as HTMLInputElement;
    search.value = 'user-11';
    search.dispatchEvent(new Event('input', { bubbles: true }));
    await untilShown(11);
    // The field stays for the next search, whatever is found.
    search.value = '';
    search.dispatchEvent(new Event('input', { bubbles: true }));
    await drawn();
    expect(search.isConnected).toBe(true);
  }, 20_000);

  it('opens what the file browser can show, and nothing else', async () => {
    await show();
    await press('Open in File Browser: Data lake');
    expect(ran).toEqual([['open', { path: 'one/lake' }]]);
    await press('It cannot be seen in the file browser of this lab');
    expect(ran).toHaveLength(1);
  });

  it('lists what can be brought back', async () => {
    client.projects.push(project('old', { deleted: WHEN, role: 'owner' }));
    await show();
    await press('Bring Back Project old');
    await press('Remove Project old for Good…');
    expect(ran).toEqual([
      ['undelete', { slug: 'old' }],
      ['purge', { slug: 'old' }]
    ]);
  });

  it('says that the project was deleted, and comes back with it', async () => {
    await show();
    await projects.delete('one');
    await drawn();
    expect(page.node.querySelector('h3')?.textContent).toContain('was deleted');
    await press('Remove for Good…');
    expect(ran).toEqual([['purge', { slug: 'one' }]]);
    await projects.undelete('one');
    await drawn();
    expect(page.node.querySelector('h1')?.textContent).toBe('Project one');
  });

  it('says that the person is not in it', async () => {
    client.projects = [];
    await show();
    expect(page.node.textContent).toContain('You are not in the project "one"');
    await press('Switch Project…');
    expect(ran.map(([id]) => id)).toEqual(['switch']);
  });

  it('keeps what it knows when the server is gone, and comes back', async () => {
    await show();
    client.error = toError({ code: 'network_down', message: 'Gone' });
    await model.refresh();
    await drawn();
    expect(page.node.querySelector('[role=alert]')?.textContent).toContain('Gone.');
    expect(page.node.querySelector('h1')).not.toBeNull();
    client.error = null;
    await press('Try Again');
    expect(page.node.querySelector('[role=alert]')).toBeNull();
  });

  it('shows names as text, whatever they are', async () => {
    const name = '<img src=x onerror=alert(1)>';
    client.projects[0] = project('one', { name, description: name, role: 'owner' });
    client.people.push(member(name));
    await show();
    expect(page.node.querySelector('img')).toBeNull();
    expect(page.node.querySelector('h1')?.textContent).toBe(name);
  });
});
