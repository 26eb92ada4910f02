/**
 * What a person can do about projects, and the commands that do it.
 */
import { Notification, type ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import { orreryIcon, projectIcon } from '../base/icons';
import { notifyError } from '../base/notify';
import type { Project } from './schemas';
import type { IProjects } from './tokens';

export const CommandIDs = {
  openHome: 'projects:open-home',
  switch: 'projects:switch',
  create: 'projects:create',
  refresh: 'projects:refresh'
} as const;

/** What the commands need of the screen. */
export interface IScreen {
  /** Choose among the projects; resolves when the choice is on the screen. */
  pick(): Promise<void>;
  /** Ask for a new project; null when the person thought better of it. */
  create(): Promise<Project | null>;
  /** Show Home. */
  home(): Widget;
}

interface IOptions {
  commands: CommandRegistry;
  projects: IProjects;
  screen: IScreen;
  trans: TranslationBundle;
}

// A switch that is done sooner needs no word about it.
const QUIET_MS = 600;

const NOTHING: ReadonlyJSONObject = {
  type: 'object',
  properties: {},
  additionalProperties: false
};

/** Register the commands for projects. */
export function addProjectCommands(
  options: Omit<IOptions, 'screen'> & { screen: Omit<IScreen, 'home'> }
): void {
  const { commands, projects, screen, trans } = options;

  commands.addCommand(CommandIDs.switch, {
    label: args => (args.isPalette ? trans.__('Switch project…') : trans.__('Switch…')),
    caption: trans.__('Choose the project that this lab works in'),
    icon: projectIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          slug: {
            type: ['string', 'null'],
            description: trans.__(
              'The project to work in; null leaves every project. Without it, a list to choose from is shown.'
            )
          },
          isPalette: {
            type: 'boolean',
            description: trans.__('Whether the label is for the command palette')
          }
        },
        additionalProperties: false
      }
    },
    execute: async args => {
      if (args.slug === undefined) {
        await screen.pick().catch((error: unknown) => notifyError(error, trans));
        return projects.current?.slug ?? null;
      }
      return switchTo(projects, args.slug as string | null, trans);
    }
  });

  commands.addCommand(CommandIDs.create, {
    label: trans.__('New project…'),
    caption: trans.__('Make a project and work in it'),
    icon: addIcon,
    describedBy: { args: NOTHING },
    execute: async () => {
      const project = await screen.create().catch((error: unknown) => {
        notifyError(error, trans);
        return null;
      });
      return project ? switchTo(projects, project.slug, trans) : null;
    }
  });

  commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh project'),
    caption: trans.__('Ask the server again which project this lab works in'),
    icon: refreshIcon,
    describedBy: { args: NOTHING },
    execute: async () => {
      await projects.refresh();
      if (projects.state === 'failed') {
        notifyError(projects.error, trans, {
          label: trans.__('Try again'),
          callback: () => void commands.execute(CommandIDs.refresh)
        });
      }
    }
  });
}

/** Register the command for Home. */
export function addHomeCommand(
  options: Pick<IOptions, 'commands' | 'trans'> & { screen: Pick<IScreen, 'home'> }
): void {
  const { commands, screen, trans } = options;
  commands.addCommand(CommandIDs.openHome, {
    label: trans.__('Orrery Home'),
    caption: trans.__('Your project, quick links, and what you worked on lately'),
    icon: orreryIcon,
    describedBy: { args: NOTHING },
    execute: () => screen.home()
  });
}

/** Put commands into the palette. */
export function addToPalette(
  palette: ICommandPalette | null,
  ids: readonly string[],
  trans: TranslationBundle
): void {
  for (const command of ids) {
    palette?.addItem({
      command,
      category: trans.__('Orrery'),
      args: { isPalette: true }
    });
  }
}

/** The slug of the project that is current afterwards. */
async function switchTo(
  projects: IProjects,
  slug: string | null,
  trans: TranslationBundle
): Promise<string | null> {
  let notice: string | undefined;
  const timer = setTimeout(() => {
    notice = Notification.emit(
      slug === null
        ? trans.__('Leaving the project')
        : trans.__(
            'Opening project "%1": its code and data are being made ready',
            slug
          ),
      'in-progress',
      { autoClose: false }
    );
  }, QUIET_MS);
  try {
    await projects.setCurrent(slug);
  } catch (error) {
    notifyError(error, trans, {
      label: trans.__('Try again'),
      callback: () => void switchTo(projects, slug, trans)
    });
  } finally {
    clearTimeout(timer);
    if (notice !== undefined) {
      Notification.dismiss(notice);
    }
  }
  return projects.current?.slug ?? null;
}
