import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { toError } from '../../src/base/errors';
import { addCommands, CommandIDs } from '../../src/projects/commands';
import { ProjectsModel } from '../../src/projects/model';
import type { Project } from '../../src/projects/schemas';
import { MemoryClient, project } from './fixtures';

const trans = nullTranslator.load('orrery');

let client: MemoryClient;
let commands: CommandRegistry;
let projects: ProjectsModel;
let created: Project | null;
let isConfirmed: boolean;
const pick = jest.fn(() => Promise.resolve());
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
    expect(await commands.execute(CommandIDs.switch, { slug: 'two' })).toBe('two');
    expect(projects.current?.slug).toBe('two');
    expect(pick).not.toHaveBeenCalled();
  });

  it('leaves every project', async () => {
    expect(await commands.execute(CommandIDs.switch, { slug: null })).toBeNull();
    expect(projects.current).toBeNull();
  });

  it('lets the person choose when it is told none', async () => {
    expect(await commands.execute(CommandIDs.switch)).toBe('one');
    expect(pick).toHaveBeenCalledTimes(1);
  });

  it('says why it failed, and tries again when asked', async () => {
    client.error = toError({ code: 'not_found', message: 'There is no project "two"' });
    expect(await commands.execute(CommandIDs.switch, { slug: 'two' })).toBe('one');
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
      const switched = commands.execute(CommandIDs.switch, { slug: 'two' });
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
    expect(await commands.execute(CommandIDs.create)).toBe('two');
  });

  it('does nothing when the person thought better of it', async () => {
    expect(await commands.execute(CommandIDs.create)).toBeNull();
    expect(projects.current?.slug).toBe('one');
  });
});

it('refresh says why the project cannot be known', async () => {
  client.error = toError({ code: 'network_down', message: 'Gone' });
  await commands.execute(CommandIDs.refresh);
  expect(messages()).toEqual(['Gone.']);
});

describe(CommandIDs.openPage, () => {
  it('shows the page of the project that it is told, or of the current one', async () => {
    await commands.execute(CommandIDs.openPage, { slug: 'two' });
    await commands.execute(CommandIDs.openPage);
    expect(openPage.mock.calls).toEqual([['two'], ['one']]);
  });

  it('lets the person choose where there is no current project', async () => {
    await projects.setCurrent(null);
    await commands.execute(CommandIDs.openPage);
    expect(pick).toHaveBeenCalledTimes(1);
    expect(openPage).not.toHaveBeenCalled();
  });
});

describe(CommandIDs.leave, () => {
  it('gives the membership up once it is confirmed', async () => {
    isConfirmed = false;
    await commands.execute(CommandIDs.leave, { slug: 'two' });
    expect(client.asked).not.toContain('removeMember');
    isConfirmed = true;
    await commands.execute(CommandIDs.leave, { slug: 'two' });
    expect(client.asked).toContain('removeMember');
    expect(client.people).toEqual([]);
  });

  it('says why the server refuses', async () => {
    const message = 'A project needs an owner';
    client.removeMember = () => Promise.reject(toError({ code: 'conflict', message }));
    await commands.execute(CommandIDs.leave);
    expect(messages()).toEqual(['A project needs an owner.']);
  });

  it('needs a project', async () => {
    await projects.setCurrent(null);
    expect(commands.isEnabled(CommandIDs.leave)).toBe(false);
    expect(commands.isEnabled(CommandIDs.leave, { slug: 'two' })).toBe(true);
  });
});

it('what was deleted can be brought back from the notification', async () => {
  await commands.execute(CommandIDs.delete, { slug: 'two' });
  expect(messages()).toEqual(['Project "Project two" was deleted.']);
  const [undo] = Notification.manager.notifications[0].options.actions ?? [];
  const edited = new Promise(resolve => projects.edited.connect(resolve));
  undo.callback(new MouseEvent('click'));
  await edited;
  expect((await projects.list()).map(({ slug }) => slug)).toContain('two');
});
