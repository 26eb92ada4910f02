/**
 * The commands of projects and Home.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, deleteIcon, refreshIcon, undoIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Widget } from '@lumino/widgets';

import { toError } from '../base/errors';
import { orreryIcon, projectIcon } from '../base/icons';
import { notifyError } from '../base/notify';
import type { Status } from '../base/schemas';
import { offerUndo } from '../base/undo';
import { register, type Args, type ICommand } from '../base/registry';
import type { Purpose } from './names';
import { rightsIn } from './rights';
import type { Project } from './schemas';
import type { IProjects } from './tokens';

export const CommandIDs = {
  openHome: 'projects:open-home',
  openPage: 'projects:open-page',
  switch: 'projects:switch',
  create: 'projects:create',
  leave: 'projects:leave',
  delete: 'projects:delete',
  undelete: 'projects:undelete',
  purge: 'projects:purge',
  refresh: 'projects:refresh'
} as const;

/** Shows tabs and dialogs; each is loaded when it is first shown. */
export interface IOpener {
  /** Choose among the projects, for a purpose; resolves when the choice is on the screen. */
  pick(purpose: Purpose): Promise<void>;
  /** Ask for a new project; null when the person cancels. */
  create(): Promise<Project | null>;
  /** Ask whether to delete a project, and do it; whether it is deleted. */
  delete(project: Project): Promise<boolean>;
  /** Ask whether to remove a deleted project permanently, and do it; whether it is removed. */
  purge(project: Project): Promise<boolean>;
  /** Ask whether to leave a project. */
  confirmLeave(project: Project): Promise<boolean>;
  /** Show the page of a project. */
  openPage(slug: string): Widget;
  /** Show Home. */
  openHome(): Widget;
}

/** The projects, and what decides what may be done with them. */
export interface IKnownProjects extends IProjects {
  /** Whether a hub runs this server; null before it was asked. */
  readonly hub: boolean | null;
  status(): Promise<Pick<Status, 'hub'>>;
  /** The deleted projects that the person owns. */
  listDeleted(): Promise<readonly Project[]>;
  /** Whether the person is the only owner of a project. */
  isLastOwner(slug: string): Promise<boolean>;
}

export interface ICommandOptions {
  commands: CommandRegistry;
  projects: IKnownProjects;
  opener: IOpener;
  trans: TranslationBundle;
}

// A switch that is done sooner needs no notification.
const QUIET_MS = 600;

/** Register the commands. */
export function addCommands(options: ICommandOptions): void {
  const { commands, projects, trans } = options;
  register(commands, trans, homeCommands(options));
  const all = {
    ...viewCommands(options),
    ...choiceCommands(options),
    ...changeCommands(options)
  };
  register(commands, trans, all, trans.__('Projects'));
  projects.changed.connect(() => commands.notifyCommandChanged());
}

function homeCommands({ opener, trans }: ICommandOptions): Record<string, ICommand> {
  return {
    [CommandIDs.openHome]: {
      label: trans.__('Orrery Home'),
      caption: trans.__('Your project, what runs, and what you worked on lately'),
      icon: orreryIcon,
      run: () => Promise.resolve(opener.openHome())
    }
  };
}

function viewCommands(options: ICommandOptions): Record<string, ICommand> {
  const { projects, opener, trans } = options;
  return {
    [CommandIDs.openPage]: {
      label: args =>
        args.isPalette ? trans.__('Open Project Page') : trans.__('Project Page'),
      caption: trans.__('Members, storage and settings of a project'),
      icon: projectIcon,
      guard: 'shows',
      args: slugArgument(trans),
      run: async args => {
        const slug = args.slug ?? projects.current?.slug;
        if (typeof slug === 'string') {
          return opener.openPage(slug);
        }
        return opener.pick('page');
      }
    },
    [CommandIDs.refresh]: {
      label: trans.__('Refresh Project'),
      caption: trans.__('Ask the server again which project this lab works in'),
      icon: refreshIcon,
      run: () => refresh(projects, trans)
    }
  };
}

function choiceCommands(options: ICommandOptions): Record<string, ICommand> {
  const { projects, opener, trans } = options;
  return {
    [CommandIDs.switch]: {
      label: args =>
        args.isPalette ? trans.__('Switch Project…') : trans.__('Switch…'),
      caption: trans.__('Choose the project that this lab works in'),
      icon: projectIcon,
      guard: ['slug'],
      args: {
        slug: {
          type: ['string', 'null'],
          description: trans.__(
            'The project to work in; null leaves every project. Without it, a list to choose from is shown.'
          )
        }
      },
      run: async args => {
        if (args.slug === undefined) {
          await opener.pick('switch');
          return projects.current?.slug;
        }
        return switchTo(projects, args.slug as string | null, trans);
      }
    },
    [CommandIDs.create]: {
      label: trans.__('New Project…'),
      caption: trans.__('Make a project and work in it'),
      icon: addIcon,
      run: async () => {
        const project = await opener.create();
        return project && switchTo(projects, project.slug, trans);
      }
    }
  };
}

function changeCommands(options: ICommandOptions): Record<string, ICommand> {
  return {
    ...endCommands(options),
    ...returnCommands(options),
    ...purgeCommands(options)
  };
}

/** How a project ends, for the person or for everybody. */
function endCommands(options: ICommandOptions): Record<string, ICommand> {
  const { projects, opener, trans } = options;
  const may =
    (right: 'delete' | 'leave') =>
    ({ slug }: Args): boolean => {
      const { current, hub } = projects;
      return slug === undefined
        ? current !== null && !rightsIn(current, { hub }, trans)[right]
        : true;
    };
  return {
    [CommandIDs.leave]: {
      label: trans.__('Leave Project…'),
      caption: trans.__('Give up your membership of a project'),
      guard: 'asks',
      args: slugArgument(trans),
      enabled: may('leave'),
      run: async args => {
        const project = await permitted(options, args, 'leave');
        if (await opener.confirmLeave(project)) {
          await projects.leave(project.slug);
        }
      }
    },
    [CommandIDs.delete]: {
      label: trans.__('Delete Project…'),
      caption: trans.__('Take a project away from all its members'),
      icon: deleteIcon,
      guard: 'asks',
      args: slugArgument(trans),
      enabled: may('delete'),
      run: async args => {
        const project = await permitted(options, args, 'delete');
        if (await opener.delete(project)) {
          const message = trans.__('Project "%1" was deleted.', project.name);
          offerUndo(message, () => projects.undelete(project.slug), trans);
        }
      }
    }
  };
}

function returnCommands(options: ICommandOptions): Record<string, ICommand> {
  const { projects, opener, trans } = options;
  return {
    [CommandIDs.undelete]: {
      label: args =>
        args.isPalette ? trans.__('Bring Back Project…') : trans.__('Bring Back'),
      caption: trans.__('Bring a deleted project back, with its members'),
      icon: undoIcon,
      guard: ['slug'],
      args: {
        slug: {
          type: 'string',
          description: trans.__(
            'The project; without it, a list to choose from is shown.'
          )
        }
      },
      run: async ({ slug }) => {
        if (typeof slug !== 'string') {
          return opener.pick('undelete');
        }
        const { name } = await projects.undelete(slug);
        Notification.success(trans.__('Project "%1" is back.', name));
      }
    }
  };
}

function purgeCommands(options: ICommandOptions): Record<string, ICommand> {
  const { projects, opener, trans } = options;
  return {
    [CommandIDs.purge]: {
      label: args =>
        args.isPalette
          ? trans.__('Remove Deleted Project for Good…')
          : trans.__('Remove for Good…'),
      caption: trans.__('Remove a deleted project with its snippets permanently'),
      icon: deleteIcon,
      guard: 'asks',
      args: {
        slug: {
          type: 'string',
          description: trans.__(
            'The deleted project; without it, a list to choose from is shown.'
          )
        }
      },
      run: async ({ slug }) => {
        if (typeof slug !== 'string') {
          return opener.pick('purge');
        }
        const deleted = await projects.listDeleted();
        const project = deleted.find(other => other.slug === slug);
        if (!project) {
          throw toError({
            code: 'not_found',
            message: trans.__('You own no deleted project "%1"', slug),
            remedy: trans.__('Delete the project first.')
          });
        }
        if (await opener.purge(project)) {
          Notification.success(
            trans.__('Project "%1" was removed for good.', project.name)
          );
        }
      }
    }
  };
}

/** The project that arguments name, once it is sure that the person may do that with it. */
async function permitted(
  { projects, trans }: ICommandOptions,
  args: Args,
  right: 'delete' | 'leave'
): Promise<Project> {
  const project = await projectOf(projects, args);
  const { hub } = await projects.status();
  const isLastOwner =
    right === 'leave' &&
    hub &&
    project.role === 'owner' &&
    (await projects.isLastOwner(project.slug));
  const reason = rightsIn(project, { hub, isLastOwner }, trans)[right];
  if (reason) {
    const texts = {
      delete: trans.__('Project "%1" cannot be deleted', project.name),
      leave: trans.__('You cannot leave the project "%1"', project.name)
    };
    throw toError({ code: 'forbidden', message: texts[right], remedy: reason });
  }
  return project;
}

function slugArgument(trans: TranslationBundle): NonNullable<ICommand['args']> {
  const description = trans.__('The project; the current one if not given');
  return { slug: { type: 'string', description } };
}

/** The project that arguments name, fresh from the server. */
function projectOf(projects: IKnownProjects, { slug }: Args): Promise<Project> {
  return projects.get(typeof slug === 'string' ? slug : (projects.current?.slug ?? ''));
}

async function refresh(
  projects: IKnownProjects,
  trans: TranslationBundle
): Promise<void> {
  await projects.refresh();
  if (projects.state === 'failed') {
    notifyError(projects.error, trans, {
      label: trans.__('Try Again'),
      callback: () => void refresh(projects, trans)
    });
    throw projects.error;
  }
}

/** The slug of the project that is current afterwards. */
async function switchTo(
  projects: IKnownProjects,
  slug: string | null,
  trans: TranslationBundle
): Promise<string | null> {
  let notice: string | undefined;
  const timer = setTimeout(() => {
    const text =
      slug === null
        ? trans.__('Leaving the project')
        : trans.__('Opening project "%1": its code and data are being prepared', slug);
    notice = Notification.emit(text, 'in-progress', { autoClose: false });
  }, QUIET_MS);
  try {
    await projects.setCurrent(slug);
  } catch (error) {
    notifyError(error, trans, {
      label: trans.__('Try Again'),
      callback: () => void switchTo(projects, slug, trans)
    });
    throw error;
  } finally {
    clearTimeout(timer);
    if (notice !== undefined) {
      Notification.dismiss(notice);
    }
  }
  return projects.current?.slug ?? null;
}
