import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { executeOwn } from '../../src/base/registry';
import { Forbidden, toError } from '../../src/base/errors';
import { addCommands, CommandIDs } from '../../src/projects/commands';
import type { Purpose } from '../../src/projects/names';
import { ProjectsModel } from '../../src/projects/model';
import type { Project } from '../../src/projects/schemas';
import { MemoryClient, project } from './fixtures';

const trans = nullTranslator.load('orrery');

let client: MemoryClient;
let commands: CommandRegistry;
let projects: ProjectsModel;
let created: Project | null;
let isConfirmed: boolean;
const pick = jest.fn<Promise<void>, [Purpose]>(() => Promise.resolve());
const openPage = jest.fn(() => new Widget());

beforeEach(async () => {
  Notification.dismiss();
  pick.mockClear();
  openPage.mockClear();
  created = null;
  isConfirmed = true;
  client = new MemoryClient(project('one'), project('two'));
  client.now = client.projects[0];
  projects = new ProjectsModel(client);
  await projects.refresh();
  commands = new CommandRegistry();
  const opener = {
    pick,
    openPage,
    openHome: () => new Widget(),
    create: () => Promise.resolve(created),
    confirmLeave: () => Promise.resolve(isConfirmed),
    delete: async ({ slug }: Project) => {
      await projects.delete(slug);
      return true;
    },
    purge: async ({ slug }: Project) => {
      if (isConfirmed) {
        await projects.purge(slug);
      }
      return isConfirmed;
    }
  };
  addCommands({ commands, projects, opener, trans });
});

const messages = (): string[] =>
  Notification.manager.notifications.map(one => one.message);

it.each(Object.values(CommandIDs))(
  '%s has a label, a caption and arguments',
  async id => {
    expect(commands.label(id)).not.toBe('');
    expect(commands.caption(id)).not.toBe('');
    const { args } = await commands.describedBy(id);
    expect(args).toMatchObject({ type: 'object' });
  }
);

describe(CommandIDs.switch, () => {
  it('works in the project that it is told', async () => {
    expect(await executeOwn(commands, CommandIDs.switch, { slug: 'two' })).toBe('two');
    expect(projects.current?.slug).toBe('two');
    expect(pick).not.toHaveBeenCalled();
  });

  it('leaves every project', async () => {
    expect(await executeOwn(commands, CommandIDs.switch, { slug: null })).toBeNull();
    expect(projects.current).toBeNull();
  });

  it('lets the person choose when it is told none', async () => {
    expect(await executeOwn(commands, CommandIDs.switch)).toBe('one');
    expect(pick.mock.calls).toEqual([['switch']]);
  });

  it('says why it failed, and tries again when asked', async () => {
    client.error = toError({ code: 'not_found', message: 'There is no project "two"' });
    await expect(executeOwn(commands, CommandIDs.switch, { slug: 'two' })).rejects.toBe(
      client.error
    );
    expect(projects.current?.slug).toBe('one');
    expect(messages()).toEqual(['There is no project "two".']);
    client.error = null;
    const switched = new Promise(resolve => projects.changed.connect(resolve));
    const [again] = Notification.manager.notifications[0].options.actions ?? [];
    again.callback(new MouseEvent('click'));
    await switched;
    expect(projects.current?.slug).toBe('two');
  });

  it('says that it is at work when that takes a while, and no longer than that', async () => {
    jest.useFakeTimers();
    try {
      let done = (): void => undefined;
      client.switch = () =>
        new Promise(resolve => {
          done = () => resolve({ project: client.projects[1] });
        });
      const switched = executeOwn(commands, CommandIDs.switch, { slug: 'two' });
      await jest.advanceTimersByTimeAsync(100);
      expect(messages()).toEqual([]);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(messages()).toHaveLength(1);
      done();
      await switched;
      expect(messages()).toEqual([]);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe(CommandIDs.create, () => {
  it('works in the project that was made', async () => {
    created = client.projects[1];
    expect(await executeOwn(commands, CommandIDs.create)).toBe('two');
  });

  it('does nothing when the person thought better of it', async () => {
    expect(await executeOwn(commands, CommandIDs.create)).toBeNull();
    expect(projects.current?.slug).toBe('one');
  });
});

it('refresh says why the project cannot be known', async () => {
  client.error = toError({ code: 'network_down', message: 'Gone' });
  await expect(executeOwn(commands, CommandIDs.refresh)).rejects.toBe(client.error);
  expect(messages()).toEqual(['Gone.']);
});

describe(CommandIDs.openPage, () => {
  it('shows the page of the project that it is told, or of the current one', async () => {
    await executeOwn(commands, CommandIDs.openPage, { slug: 'two' });
    await executeOwn(commands, CommandIDs.openPage);
    expect(openPage.mock.calls).toEqual([['two'], ['one']]);
  });

  it('lets the person choose where there is no current project', async () => {
    await projects.setCurrent(null);
    await executeOwn(commands, CommandIDs.openPage);
    expect(pick.mock.calls).toEqual([['page']]);
    expect(openPage).not.toHaveBeenCalled();
  });
});

describe(CommandIDs.leave, () => {
  it('gives the membership up once it is confirmed', async () => {
    isConfirmed = false;
    await executeOwn(commands, CommandIDs.leave, { slug: 'two' });
    expect(client.asked).not.toContain('removeMember');
    isConfirmed = true;
    await executeOwn(commands, CommandIDs.leave, { slug: 'two' });
    expect(client.asked).toContain('removeMember');
    expect(client.people).toEqual([]);
  });

  it('says why the server refuses', async () => {
    const message = 'A project needs an owner';
    client.removeMember = () => Promise.reject(toError({ code: 'conflict', message }));
    await expect(executeOwn(commands, CommandIDs.leave)).rejects.toThrow(message);
    expect(messages()).toEqual(['A project needs an owner.']);
  });

  it('needs a project', async () => {
    await projects.setCurrent(null);
    expect(commands.isEnabled(CommandIDs.leave)).toBe(false);
    expect(commands.isEnabled(CommandIDs.leave, { slug: 'two' })).toBe(true);
  });
});

describe('what is not allowed', () => {
  const variants: [string, string, boolean, Partial<Project>, string][] = [
    ['a viewer deletes', CommandIDs.delete, true, { role: 'viewer' }, 'Only owners'],
    ['an editor deletes', CommandIDs.delete, true, {}, 'Only owners'],
    [
      'the last owner leaves',
      CommandIDs.leave,
      true,
      { role: 'owner' },
      'Make somebody'
    ],
    [
      'someone leaves without a hub',
      CommandIDs.leave,
      false,
      { role: 'owner' },
      'Without a hub'
    ],
    [
      'someone deletes the lab itself',
      CommandIDs.delete,
      false,
      { role: 'owner', slug: 'personal' },
      'neither changed nor deleted'
    ]
  ];

  it.each(variants)(
    '%s: refused before it is asked for',
    async (_, id, hub, more, why) => {
      const mine = project('two', more);
      client.projects = [mine];
      client.hub = hub;
      projects = new ProjectsModel(client);
      commands = new CommandRegistry();
      const ask = jest.fn(() => Promise.resolve(true));
      const opener = {
        pick,
        openPage,
        openHome: () => new Widget(),
        create: () => Promise.resolve(created),
        confirmLeave: ask,
        delete: ask,
        purge: ask
      };
      addCommands({ commands, projects, opener, trans });
      await expect(
        executeOwn(commands, id, { slug: mine.slug })
      ).rejects.toBeInstanceOf(Forbidden);
      expect(ask).not.toHaveBeenCalled();
      expect(messages()[0]).toContain(why);
    }
  );

  it('is disabled for the current project', async () => {
    expect(commands.isEnabled(CommandIDs.delete)).toBe(false);
    client.projects[0].role = 'owner';
    await projects.refresh();
    expect(commands.isEnabled(CommandIDs.delete)).toBe(true);
    client.hub = false;
    await projects.status();
    expect(commands.isEnabled(CommandIDs.leave)).toBe(false);
    expect(commands.isEnabled(CommandIDs.delete)).toBe(true);
  });
});

it('a deleted project is chosen where none is named', async () => {
  await executeOwn(commands, CommandIDs.undelete);
  expect(pick.mock.calls).toEqual([['undelete']]);
});

it('what was deleted can be brought back from the notification', async () => {
  client.projects[1].role = 'owner';
  await executeOwn(commands, CommandIDs.delete, { slug: 'two' });
  expect(messages()).toEqual(['Project "Project two" was deleted.']);
  const [undo] = Notification.manager.notifications[0].options.actions ?? [];
  const edited = new Promise(resolve => projects.edited.connect(resolve));
  undo.callback(new MouseEvent('click'));
  await edited;
  expect((await projects.list()).map(({ slug }) => slug)).toContain('two');
});

describe(CommandIDs.purge, () => {
  beforeEach(() => {
    client.projects.push(project('old', { deleted: client.projects[0].created }));
  });

  it.each([true, false])('removes a project once that is confirmed: %s', async yes => {
    isConfirmed = yes;
    await executeOwn(commands, CommandIDs.purge, { slug: 'old' });
    expect(client.asked.includes('purge')).toBe(yes);
    expect(messages()).toEqual(
      yes ? ['Project "Project old" was removed for good.'] : []
    );
  });

  it('removes no project that is in use', async () => {
    await expect(
      executeOwn(commands, CommandIDs.purge, { slug: 'one' })
    ).rejects.toThrow('You own no deleted project "one"');
    expect(client.asked).not.toContain('purge');
  });

  it('lets the person choose when it is told none', async () => {
    await executeOwn(commands, CommandIDs.purge);
    expect(pick.mock.calls).toEqual([['purge']]);
  });
});
