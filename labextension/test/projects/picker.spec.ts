import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../src/base/errors';
import { ProjectsModel } from '../../src/projects/model';
import { ProjectPicker } from '../../src/projects/switcher/picker';
import { MemoryClient, project } from './fixtures';

const trans = nullTranslator.load('orrery');
const onPick = jest.fn();
const onCreate = jest.fn();
const onOpenPage = jest.fn();

let anchor: HTMLButtonElement;
let client: MemoryClient;
let picker: ProjectPicker;
let projects: ProjectsModel;

beforeAll(() => {
  Element.prototype.scrollIntoView = () => undefined;
});

beforeEach(async () => {
  onPick.mockClear();
  onCreate.mockClear();
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

async function open(): Promise<void> {
  picker = new ProjectPicker({ projects, trans, anchor, onPick, onCreate, onOpenPage });
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

async function press(key: string): Promise<void> {
  field().dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
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
      'Project oneEditor',
      'Project twoViewer',
      'No project',
      'Project Page',
      'New Project…'
    ]);
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
    await press('ArrowUp');
    await press('ArrowUp');
    expect(chosen()).toBe('New Project…');
    await press('ArrowDown');
    expect(chosen()).toBe('Project oneEditor');
    await press('Enter');
    expect(onPick).toHaveBeenCalledWith('one');
    expect(picker.isDisposed).toBe(true);
    expect(document.activeElement).toBe(anchor);
    expect(anchor.getAttribute('aria-expanded')).toBe('false');
  });

  it('leaves every project, or asks for a new one', async () => {
    await open();
    await press('ArrowDown');
    await press('Enter');
    expect(onPick).toHaveBeenCalledWith(null);
    await open();
    await press('PageDown');
    await press('Enter');
    expect(onCreate).toHaveBeenCalledTimes(1);
  });

  it('leads to the page of the current project, if there is one', async () => {
    await open();
    await press('ArrowDown');
    await press('ArrowDown');
    expect(chosen()).toBe('Project Page');
    await press('Enter');
    expect(onOpenPage).toHaveBeenCalledTimes(1);
    await projects.setCurrent(null);
    await open();
    expect(labels()).not.toContain('Project Page');
  });

  it('finds what is typed at once, and Enter chooses it', async () => {
    await open();
    await type('one');
    expect(labels()).toEqual(['Project oneEditor', 'New Project…']);
    await press('Enter');
    expect(onPick).toHaveBeenCalledWith('one');
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
    expect(onPick).not.toHaveBeenCalled();
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
    expect(onPick).not.toHaveBeenCalled();
    client.error = null;
    picker.node.querySelector('button')?.click();
    await drawn();
    expect(labels()).toContain('Project oneEditor');
  });
});
