import { PromiseDelegate } from '@lumino/coreutils';

import { NetworkDown, toError } from '../../src/base/errors';
import { HomeCards } from '../../src/projects/home/cards';
import { HomeModel } from '../../src/projects/home/model';
import { ProjectsModel } from '../../src/projects/model';
import type { Current, Home } from '../../src/projects/schemas';
import { member, MemoryClient, project } from './fixtures';

describe('ProjectsModel', () => {
  let client: MemoryClient;
  let model: ProjectsModel;
  let states: string[];

  beforeEach(() => {
    client = new MemoryClient(project('one'), project('two'));
    client.now = client.projects[0];
    model = new ProjectsModel(client);
    states = [];
    model.changed.connect(() => states.push(`${model.state} ${model.current?.slug}`));
  });

  it('knows nothing before it asks', () => {
    expect(model.state).toBe('idle');
    expect(model.current).toBeNull();
    expect(client.asked).toEqual([]);
  });

  it('is ready once it knows the current project', async () => {
    void model.refresh();
    await model.ready;
    expect(model.current?.slug).toBe('one');
    expect(states).toEqual(['loading undefined', 'ready one']);
  });

  it('keeps what it knows on the screen while it asks again', async () => {
    await model.refresh();
    states.length = 0;
    await model.refresh();
    expect(states).toEqual(['ready one']);
  });

  it('says why it does not know, and is ready all the same', async () => {
    client.error = toError({ code: 'network_down', message: 'Gone' });
    void model.refresh();
    await model.ready;
    expect(model.state).toBe('failed');
    expect(model.error).toBeInstanceOf(NetworkDown);
    client.error = null;
    await model.refresh();
    expect(model.state).toBe('ready');
    expect(model.error).toBeNull();
  });

  it('works in another project, or in none, at once', async () => {
    await model.refresh();
    await model.setCurrent('two');
    expect(model.current?.slug).toBe('two');
    await model.setCurrent(null);
    expect(model.current).toBeNull();
    expect(states.slice(-2)).toEqual(['ready two', 'ready undefined']);
  });

  it('says that another project is current when it is another one, and only then', async () => {
    const current: (string | undefined)[] = [];
    model.currentChanged.connect((_, now) => current.push(now?.slug));
    await model.refresh();
    await model.refresh();
    await model.setCurrent('two');
    await model.setCurrent('two');
    model.disconnect(new Error('Gone'));
    await model.setCurrent(null);
    expect(current).toEqual(['one', 'two', undefined]);
  });

  it('stays where it is when a switch fails', async () => {
    await model.refresh();
    client.error = toError({ code: 'not_found', message: 'No' });
    await expect(model.setCurrent('two')).rejects.toThrow('No');
    expect(model.current?.slug).toBe('one');
    expect(model.state).toBe('ready');
  });

  it('does not let a slow answer undo a later switch', async () => {
    const slow = new PromiseDelegate<Current>();
    client.current = () => slow.promise;
    const refreshed = model.refresh();
    await model.setCurrent('two');
    slow.resolve({ project: client.projects[0] });
    await refreshed;
    expect(model.current?.slug).toBe('two');
  });

  it('asks quietly whether anything changed, and says so only then', async () => {
    await model.refresh();
    states.length = 0;
    await model.check();
    expect(states).toEqual([]);
    client.now = project('one', { name: 'Renamed' });
    await model.check();
    client.now = null;
    await model.check();
    expect(states).toEqual(['ready one', 'ready undefined']);
  });

  it.each([
    ['removed', 'lost', () => client.projects.splice(0, 1)],
    ['left for no project in a terminal', '', () => undefined],
    [
      'left here',
      '',
      async () => {
        await model.leave('one');
        client.projects.splice(0, 1);
      }
    ],
    [
      'deleted here',
      '',
      async () => {
        await model.delete('one');
      }
    ]
  ])('tells a project that was %s', async (_, expected, change) => {
    const lost: string[] = [];
    model.lost.connect((__, { slug }) => lost.push(slug));
    await model.refresh();
    await change();
    client.now = null;
    await model.check();
    expect(lost).toEqual(expected ? ['one'] : []);
  });

  it.each([
    [['owner'], true],
    [['owner', 'editor'], true],
    [['owner', 'owner'], false],
    [['editor', 'owner'], false]
  ] as const)(
    'knows whether the first of %j is the last owner',
    async (roles, isLast) => {
      client.people = roles.map((role, n) =>
        member(n === 0 ? 'ada' : `user-${n}`, role)
      );
      expect(await model.isLastOwner('one')).toBe(isLast);
    }
  );

  it('finds another owner beyond the first page', async () => {
    client.people = Array.from({ length: 450 }, (_, n) => member(`user-${n}`));
    client.people[0] = member('ada', 'owner');
    expect(await model.isLastOwner('one')).toBe(true);
    client.people[430] = member('zoe', 'owner');
    expect(await model.isLastOwner('one')).toBe(false);
  });

  it('finds the member of exactly that name', async () => {
    client.people.push(member('grace-h'), member('grace', 'viewer'));
    expect(await model.findMember('one', 'grace')).toEqual(member('grace', 'viewer'));
    expect(await model.findMember('one', 'gra')).toBeUndefined();
  });

  it('lists and makes projects; a new one is not current', async () => {
    await model.refresh();
    const created = await model.create({ slug: 'three', name: 'Three' });
    expect(created.role).toBe('owner');
    expect((await model.list('Three')).map(one => one.slug)).toEqual(['three']);
    expect(model.current?.slug).toBe('one');
  });

  it('says nothing more after it is disposed', async () => {
    const refreshed = model.refresh();
    model.dispose();
    states.length = 0;
    await refreshed;
    expect(states).toEqual([]);
  });
});

describe('HomeModel', () => {
  let client: MemoryClient;
  let projects: ProjectsModel;
  let home: HomeModel;

  beforeEach(async () => {
    client = new MemoryClient(project('one'), project('two'));
    projects = new ProjectsModel(client);
    await projects.refresh();
    home = new HomeModel(projects, new HomeCards(), () => client.homePage());
    client.asked.length = 0;
  });

  const settled = async (): Promise<void> => {
    await new Promise(resolve => setTimeout(resolve));
  };

  it('shows the project that the whole lab shows, and asks again where its own is another', async () => {
    client.now = client.projects[0];
    await projects.refresh();
    await settled();
    expect(home.project?.slug).toBe('one');
    client.now = client.projects[1];
    await home.refresh();
    await settled();
    expect(projects.current?.slug).toBe('two');
    expect(home.project?.slug).toBe('two');
  });

  it('asks when it is told to', async () => {
    expect(home.state).toBe('idle');
    await home.refresh();
    expect(home.state).toBe('ready');
    expect(home.home?.user).toBe('ada');
  });

  it('follows the current project', async () => {
    await projects.setCurrent('two');
    await settled();
    expect(home.home?.project?.slug).toBe('two');
  });

  it('is asked for again with the current project', async () => {
    await projects.refresh();
    await settled();
    expect(client.asked).toEqual(['current', 'home']);
  });

  it('keeps what it had when asking again fails, and says why', async () => {
    await home.refresh();
    client.error = toError({ code: 'network_down', message: 'Gone' });
    await home.refresh();
    expect(home.state).toBe('failed');
    expect(home.home?.user).toBe('ada');
    expect(home.error).toBe(client.error);
  });

  it('fails with the current project, asking nothing, and comes back with it', async () => {
    client.error = toError({ code: 'network_down', message: 'Gone' });
    await projects.refresh();
    expect(home.state).toBe('failed');
    expect(home.error).toBe(client.error);
    expect(client.asked).toEqual(['current']);
    client.error = null;
    await home.retry();
    await settled();
    expect(home.state).toBe('ready');
    expect(home.home?.user).toBe('ada');
  });

  it('drops a question when it is asked again', async () => {
    const first = new PromiseDelegate<Home>();
    const answers = [first.promise, client.homePage()];
    const signals: AbortSignal[] = [];
    home = new HomeModel(projects, new HomeCards(), signal => {
      signals.push(signal);
      return answers[signals.length - 1];
    });
    const before = home.refresh();
    await home.refresh();
    expect(signals.map(signal => signal.aborted)).toEqual([true, false]);
    first.resolve({ user: 'old', hub: false, project: null, links: [], recent: [] });
    await before;
    expect(home.home?.user).toBe('ada');
  });

  it('no longer follows after it is disposed', async () => {
    home.dispose();
    await projects.setCurrent('two');
    await settled();
    expect(client.asked).toEqual(['setCurrent']);
  });
});
