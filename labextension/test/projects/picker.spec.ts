import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../src/base/errors';
import type { Purpose } from '../../src/projects/names';
import { ProjectsModel } from '../../src/projects/model';
import { ProjectPicker } from '../../src/projects/switcher/picker';
import { MemoryClient, project, WHEN } from './fixtures';

const trans = nullTranslator.load('orrery');
const run = jest.fn<void, unknown[]>();

let anchor: HTMLButtonElement;
let client: MemoryClient;
let picker: ProjectPicker;
let projects: ProjectsModel;

beforeAll(() => {
  Element.prototype.scrollIntoView = () => undefined;
});

beforeEach(async () => {
  run.mockClear();
  anchor = document.body.appendChild(document.createElement('button'));
  anchor.focus();
  client = new MemoryClient(project('one'), project('two', { role: 'viewer' }));
  client.now = client.projects[1];
  projects = new ProjectsModel(client);
  await projects.refresh();
});

afterEach(() => {
  picker.dispose();
  anchor.remove();
});

async function open(purpose: Purpose = 'switch'): Promise<void> {
  picker = new ProjectPicker({
    projects,
    trans,
    anchor,
    purpose,
    onSwitch: slug => run('switch', slug),
    onOpenPage: (...slug) => run('page', ...slug),
    onUndelete: (...slug) => run('undelete', ...slug),
    onPurge: slug => run('purge', slug),
    onCreate: () => run('create')
  });
  picker.open();
  await drawn();
}

async function drawn(): Promise<void> {
  await framePromise();
  await new Promise(resolve => setTimeout(resolve, 150));
  await framePromise();
}

const labels = (): string[] =>
  [...picker.node.querySelectorAll('[role=option]')].map(one => one.textContent ?? '');
const chosen = (): string | null | undefined =>
  picker.node.querySelector('[aria-selected=true]')?.textContent;
const field = (): HTMLInputElement => {
  const input = picker.node.querySelector('input');
  expect(input).not.toBeNull();
  return input as HTMLInputElement;
};

async function press(key: string, shiftKey = false): Promise<void> {
  field().dispatchEvent(
    new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true })
  );
  await framePromise();
}

async function type(text: string): Promise<void> {
  const setter = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  )?.set;
  setter?.call(field(), text);
  field().dispatchEvent(new Event('input', { bubbles: true }));
  await framePromise();
}

describe('ProjectPicker', () => {
  it('offers the projects with the roles, none, the page, and a new one', async () => {
    await open();
    expect(labels()).toEqual([
      'No project',
      'Project Page',
      'New Project…',
      'Deleted Projects…',
      'Project oneEditor',
      'Project twoViewer'
    ]);
    const [fixed] = picker.node.querySelectorAll('[data-fixed]');
    expect(fixed.querySelectorAll('[role=option]')).toHaveLength(4);
    expect(document.activeElement).toBe(field());
    expect(anchor.getAttribute('aria-expanded')).toBe('true');
  });

  it('begins at the current project, and names what is chosen to screen readers', async () => {
    await open();
    expect(chosen()).toBe('Project twoViewer');
    const id = field().getAttribute('aria-activedescendant');
    expect(picker.node.querySelector(`[id="${id}"]`)?.textContent).toBe(
      'Project twoViewer'
    );
  });

  it('moves by arrows, round the ends, and chooses by Enter', async () => {
    await open();
    await press('ArrowDown');
    expect(chosen()).toBe('No project');
    await press('ArrowUp');
    await press('ArrowUp');
    expect(chosen()).toBe('Project oneEditor');
    await press('Enter');
    expect(run).toHaveBeenCalledWith('switch', 'one');
    expect(picker.isDisposed).toBe(true);
    expect(document.activeElement).toBe(anchor);
    expect(anchor.getAttribute('aria-expanded')).toBe('false');
  });

  it('leaves every project, or asks for a new one', async () => {
    await open();
    await press('PageUp');
    await press('Enter');
    expect(run).toHaveBeenCalledWith('switch', null);
    await open();
    await press('PageUp');
    await press('ArrowDown');
    await press('ArrowDown');
    await press('Enter');
    expect(run).toHaveBeenLastCalledWith('create');
  });

  it('leads to a page: of the current project, of the chosen row, of any', async () => {
    await open();
    await press('PageUp');
    await press('ArrowDown');
    expect(chosen()).toBe('Project Page');
    await press('Enter');
    expect(run).toHaveBeenLastCalledWith('page');
    await open();
    await press('ArrowUp');
    await press('Enter', true);
    expect(run).toHaveBeenLastCalledWith('page', 'one');
    await open();
    picker.node
      .querySelector<HTMLElement>('.orrery-picker-second[title*="Project two"]')
      ?.click();
    expect(run).toHaveBeenLastCalledWith('page', 'two');
    await projects.setCurrent(null);
    await open('page');
    expect(labels()).toEqual([
      'New Project…',
      'Project oneEditor',
      'Project twoViewer'
    ]);
    await press('PageDown');
    await press('Enter');
    expect(run).toHaveBeenLastCalledWith('page', 'two');
  });

  it('lists the deleted projects, even from no project, and brings one back', async () => {
    await projects.setCurrent(null);
    await open('undelete');
    expect(labels()).toEqual([]);
    expect(picker.node.querySelector('[role=status]')?.textContent).toContain(
      'no deleted project'
    );
    picker.dispose();
    client.projects.push(project('old', { deleted: WHEN, role: 'owner' }));
    await open('undelete');
    expect(labels()).toEqual(['Project oldOwner']);
    await press('ArrowDown');
    await press('Enter');
    expect(run).toHaveBeenLastCalledWith('undelete', 'old');
  });

  it('finds what is typed at once, and Enter chooses it', async () => {
    await open();
    await type('one');
    expect(labels()).toEqual(['New Project…', 'Project oneEditor']);
    await press('Enter');
    expect(run).toHaveBeenCalledWith('switch', 'one');
  });

  it('says so when nothing matches', async () => {
    await open();
    await type('nothing like it');
    await drawn();
    expect(picker.node.querySelector('[role=status]')?.textContent).toContain(
      'nothing like it'
    );
  });

  it('goes away by Escape and changes nothing', async () => {
    await open();
    await press('Escape');
    expect(picker.isDisposed).toBe(true);
    expect(run).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(anchor);
  });

  it('goes away by a click elsewhere', async () => {
    await open();
    document.body.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    expect(picker.isDisposed).toBe(true);
  });

  it('says why there is no list, tries again, and Enter leaves no project by accident', async () => {
    client.error = toError({ code: 'network_down', message: 'Gone' });
    await projects.refresh();
    await open();
    expect(picker.node.querySelector('[role=status]')?.textContent).toContain('Gone.');
    await press('Enter');
    expect(run).not.toHaveBeenCalled();
    client.error = null;
    picker.node.querySelector('button')?.click();
    await drawn();
    expect(labels()).toContain('Project oneEditor');
  });
});
