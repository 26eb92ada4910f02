/**
 * The list that a project is chosen from.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, settingsIcon } from '@jupyterlab/ui-components';

import { projectIcon } from '../../base/icons';
import { ListModel } from '../../base/panel/listmodel';
import { Picker, type IChoice, type IPickerLabels } from '../../base/picker/picker';
import type { ProjectsModel } from '../model';
import { roleMeaning, roleName } from '../names';
import type { Project } from '../schemas';

const PAGE_SIZE = 200;
const TYPING_MS = 120;

export interface IProjectPickerOptions {
  projects: ProjectsModel;
  trans: TranslationBundle;
  /** The element below which the list hangs. */
  anchor: HTMLElement;
  onPick: (slug: string | null) => void;
  onCreate: () => void;
  onOpenPage: () => void;
}

/** The projects, none, the page of the current one, and a new one. */
export class ProjectPicker extends Picker<Project> {
  constructor(options: IProjectPickerOptions) {
    const { anchor, onPick, projects, trans } = options;
    super({
      anchor,
      trans,
      labels: labelsOf(trans),
      model: new ListModel<Project, { q: string }>({
        load: ({ q = '', ...page }, signal) =>
          projects.client.list({ q: q.trim(), ...page }, { signal }),
        keyOf: ({ slug }) => slug,
        nameOf: ({ name }) => name,
        pageSize: PAGE_SIZE,
        debounceMs: TYPING_MS
      }),
      textOf: ({ name, slug }) => `${name} ${slug}`,
      choiceOf: ({ name, role, slug }) => ({
        key: slug,
        icon: projectIcon,
        label: name,
        meta: roleName(role, trans),
        title: roleMeaning(role, trans),
        isCurrent: projects.state === 'ready' && slug === projects.current?.slug,
        choose: () => onPick(slug)
      }),
      others: query => otherChoices(options, query)
    });
    this.addClass('orrery-project-picker');
  }
}

function labelsOf(trans: TranslationBundle): IPickerLabels {
  return {
    title: trans.__('Switch project'),
    list: trans.__('Projects'),
    search: trans.__('Search projects'),
    loading: trans.__('Loading projects…'),
    empty: trans.__('You are in no project yet.'),
    noMatch: query => trans.__('No project matches "%1".', query)
  };
}

/** What is no project; no slug begins with a colon. */
function otherChoices(options: IProjectPickerOptions, query: string): IChoice[] {
  const { onCreate, onOpenPage, onPick, projects, trans } = options;
  const { current, state } = projects;
  const none = {
    key: ':none',
    icon: projectIcon,
    label: trans.__('No project'),
    isCurrent: state === 'ready' && current === null,
    isSeparated: true,
    choose: () => onPick(null)
  };
  const page = {
    key: ':page',
    icon: settingsIcon,
    label: trans.__('Project Page'),
    isSeparated: true,
    choose: onOpenPage
  };
  const create = {
    key: ':create',
    icon: addIcon,
    label: trans.__('New Project…'),
    isSeparated: query !== '',
    choose: onCreate
  };
  const others = current ? [none, page] : [none];
  return query === '' ? [...others, create] : [create];
}
