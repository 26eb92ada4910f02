/**
 * The list that a project is chosen from.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, deleteIcon, settingsIcon, undoIcon } from '@jupyterlab/ui-components';

import { projectIcon } from '../../base/icons';
import { ListModel } from '../../base/panel/listmodel';
import { Picker, type IChoice, type IPickerLabels } from '../../base/picker/picker';
import type { ProjectsModel } from '../model';
import { roleMeaning, roleName, type Purpose } from '../names';
import type { Project } from '../schemas';

const PAGE_SIZE = 200;
const TYPING_MS = 120;

export interface IProjectPickerOptions {
  projects: ProjectsModel;
  trans: TranslationBundle;
  /** The element below which the list hangs. */
  anchor: HTMLElement;
  purpose: Purpose;
  /** Work in a project, or in none. */
  onSwitch: (slug: string | null) => void;
  /** Show the page of a project; of the current one, or of one to choose, if none is named. */
  onOpenPage: (slug?: string) => void;
  /** Bring a project back; one to choose if none is named. */
  onUndelete: (slug?: string) => void;
  /** Remove a deleted project permanently. */
  onPurge: (slug: string) => void;
  onCreate: () => void;
}

/** The projects, and above them what else can be done. */
export class ProjectPicker extends Picker<Project> {
  constructor(options: IProjectPickerOptions) {
    const { anchor, projects, purpose, trans } = options;
    const deleted = isOfDeleted(purpose);
    super({
      anchor,
      trans,
      labels: labelsOf(purpose, trans),
      model: new ListModel<Project, { q: string }>({
        load: ({ q = '', ...page }, signal) =>
          projects.client.list({ q: q.trim(), deleted, ...page }, { signal }),
        keyOf: ({ slug }) => slug,
        nameOf: ({ name }) => name,
        pageSize: PAGE_SIZE,
        debounceMs: TYPING_MS
      }),
      textOf: ({ name, slug }) => `${name} ${slug}`,
      choiceOf: project => choiceOf(options, project),
      others: query => otherChoices(options, query)
    });
    this.addClass('orrery-project-picker');
  }
}

function labelsOf(purpose: Purpose, trans: TranslationBundle): IPickerLabels {
  const titles: Record<Purpose, string> = {
    switch: trans.__('Switch project'),
    page: trans.__('Open the page of a project'),
    undelete: trans.__('Bring back a deleted project'),
    purge: trans.__('Remove a deleted project for good')
  };
  const isDeleted = isOfDeleted(purpose);
  return {
    title: titles[purpose],
    list: isDeleted ? trans.__('Deleted projects') : trans.__('Projects'),
    search: isDeleted
      ? trans.__('Search deleted projects')
      : trans.__('Search projects'),
    loading: trans.__('Loading projects…'),
    empty: isDeleted
      ? trans.__('You own no deleted project.')
      : trans.__('You are in no project yet.'),
    noMatch: query => trans.__('No project matches "%1".', query)
  };
}

/** Whether the projects to choose from are the deleted ones. */
function isOfDeleted(purpose: Purpose): boolean {
  return purpose === 'undelete' || purpose === 'purge';
}

function choiceOf(options: IProjectPickerOptions, project: Project): IChoice {
  const { onOpenPage, onPurge, onSwitch, onUndelete, projects, purpose, trans } =
    options;
  const choose = {
    switch: onSwitch,
    page: onOpenPage,
    undelete: onUndelete,
    purge: onPurge
  }[purpose];
  const icons = { undelete: undoIcon, purge: deleteIcon };
  const { name, role, slug } = project;
  return {
    key: slug,
    icon: purpose === 'undelete' || purpose === 'purge' ? icons[purpose] : projectIcon,
    label: name,
    meta: roleName(role, trans),
    // The name may be shortened.
    title: `${name}\n${roleMeaning(role, trans)}`,
    isCurrent: projects.state === 'ready' && slug === projects.current?.slug,
    choose: () => choose(slug),
    second:
      purpose === 'switch'
        ? {
            icon: settingsIcon,
            label: trans.__('Project Page of "%1" (Shift+Enter)', name),
            choose: () => onOpenPage(slug)
          }
        : undefined
  };
}

/** What is no project; no slug begins with a colon. */
function otherChoices(options: IProjectPickerOptions, query: string): IChoice[] {
  const { onCreate, onOpenPage, onSwitch, onUndelete, projects, purpose, trans } =
    options;
  const { current, state } = projects;
  const create = {
    key: ':create',
    icon: addIcon,
    label: trans.__('New Project…'),
    choose: onCreate
  };
  if (purpose !== 'switch' || query !== '') {
    return isOfDeleted(purpose) ? [] : [create];
  }
  const none = {
    key: ':none',
    icon: projectIcon,
    label: trans.__('No project'),
    isCurrent: state === 'ready' && current === null,
    choose: () => onSwitch(null)
  };
  const page = {
    key: ':page',
    icon: settingsIcon,
    label: trans.__('Project Page'),
    choose: () => onOpenPage()
  };
  const deleted = {
    key: ':deleted',
    icon: undoIcon,
    label: trans.__('Deleted Projects…'),
    choose: () => onUndelete()
  };
  return [none, page, create, deleted];
}
