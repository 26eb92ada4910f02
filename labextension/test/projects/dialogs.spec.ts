import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../src/base/errors';
import { createProject, deleteProject, purgeProject } from '../../src/projects/dialogs';
import { ProjectsModel } from '../../src/projects/model';
import type { Project } from '../../src/projects/schemas';
import { MemoryClient, project } from './fixtures';

const trans = nullTranslator.load('orrery');

let client: MemoryClient;

beforeEach(() => {
  client = new MemoryClient(project('taken'));
});

function find(selector: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`.jp-Dialog ${selector}`);
}

function value(name: string): string | undefined {
  return (find(`[name=${name}]`) as HTMLInputElement | null)?.value;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

async function type(name: string, text: string): Promise<void> {
  const setter = Object.getOwnPropertyDescriptor(
    HTMLInputElement.prototype,
    'value'
  )?.set;
  setter?.call(find(`[name=${name}]`), text);
  find(`[name=${name}]`)?.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise(resolve => setTimeout(resolve, 50));
}

const press = (kind: 'accept' | 'reject'): void =>
  find(`.jp-Dialog-footer .jp-mod-${kind}`)?.click();

describe('createProject', () => {
  let created: Promise<Project | null>;

  beforeEach(async () => {
    created = createProject(new ProjectsModel(client), trans);
    await until(() => find('[name=name]') !== null);
  });

  it('derives the identifier from the name until it is typed', async () => {
    await type('name', 'Customer churn');
    await until(() => value('slug') === 'customer-churn');
    await type('slug', 'churn');
    await type('name', 'Something else');
    expect(value('slug')).toBe('churn');
    press('accept');
    expect(await created).toMatchObject({ slug: 'churn', name: 'Something else' });
    expect(find('')).toBeNull();
  });

  it('asks the server for nothing before the fields are right', async () => {
    press('accept');
    await until(() => find('[name=name]')?.getAttribute('aria-invalid') === 'true');
    expect(client.asked).toEqual([]);
    expect(document.activeElement).toBe(find('[name=name]'));
    press('reject');
    expect(await created).toBeNull();
  });

  it('stays open with what was typed when the server refuses', async () => {
    await type('name', 'Taken');
    press('accept');
    await until(() => find('[role=alert]')?.textContent === 'Taken.');
    expect(document.activeElement).toBe(find('[name=slug]'));
    expect(value('name')).toBe('Taken');
    await type('slug', 'free');
    press('accept');
    expect(await created).toMatchObject({ slug: 'free' });
  });

  it('gives nothing when it is cancelled', async () => {
    await type('name', 'Never');
    press('reject');
    expect(await created).toBeNull();
    expect(client.projects).toHaveLength(1);
  });
});

describe('deleteProject', () => {
  let deleted: Promise<boolean>;

  beforeEach(async () => {
    deleted = deleteProject(new ProjectsModel(client), client.projects[0], trans);
    await until(() => find('[name=slug]') !== null);
  });

  it('deletes nothing before the identifier is typed', async () => {
    await type('slug', 'take');
    press('accept');
    await until(() => find('[name=slug]')?.getAttribute('aria-invalid') === 'true');
    expect(client.asked).toEqual([]);
    await type('slug', 'taken');
    press('accept');
    expect(await deleted).toBe(true);
    expect(client.asked).toContain('delete');
  });

  it('says why the server refuses, and stays open', async () => {
    client.error = toError({ code: 'forbidden', message: 'Only owners may' });
    await type('slug', 'taken');
    press('accept');
    await until(() => find('[role=alert]')?.textContent === 'Only owners may.');
    press('reject');
    expect(await deleted).toBe(false);
  });
});

describe('purgeProject', () => {
  it('names what goes, and removes nothing before the identifier is typed', async () => {
    const model = new ProjectsModel(client);
    const purged = purgeProject(model, client.projects[0], trans);
    await until(() => find('[name=slug]') !== null);
    expect(document.body.textContent).toContain('its members (2) and every snippet');
    press('accept');
    await until(() => find('[name=slug]')?.getAttribute('aria-invalid') === 'true');
    expect(client.asked).toEqual([]);
    await type('slug', 'taken');
    press('accept');
    expect(await purged).toBe(true);
    expect(client.asked).toContain('purge');
  });
});
