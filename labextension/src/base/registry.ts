/**
 * Commands that say what they are, and tell the person what went wrong.
 */
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { notifyError } from './notify';

/** The arguments of a command. */
export type Args = ReadonlyPartialJSONObject;

/** A command and all that it says of itself. */
export interface ICommand {
  label: string | ((args: Args) => string);
  caption: string | ((args: Args) => string);
  icon?: LabIcon | ((args: Args) => LabIcon);
  /** JSON schema of the arguments. */
  args?: ReadonlyJSONObject;
  enabled?: (args: Args) => boolean;
  visible?: (args: Args) => boolean;
  toggled?: (args: Args) => boolean;
  run: (args: Args) => Promise<unknown> | void;
}

/**
 * Add commands by their ids.
 *
 * In the palette, which mixes the commands of all, the title of the capability stands before their labels.
 */
export function register(
  commands: CommandRegistry,
  trans: TranslationBundle,
  all: Record<string, ICommand>,
  capability = ''
): void {
  for (const [id, command] of Object.entries(all)) {
    const text = (value: ICommand['label'], args: Args): string =>
      typeof value === 'string' ? value : value(args);
    commands.addCommand(id, {
      label: args => {
        const label = text(command.label, args);
        return args.isPalette && capability ? `${capability}: ${label}` : label;
      },
      caption: args => text(command.caption, args),
      icon: args => (args.isPalette ? undefined : iconOf(command, args)),
      isEnabled: command.enabled,
      isVisible: command.visible,
      isToggled: command.toggled,
      isToggleable: command.toggled !== undefined,
      describedBy: { args: { type: 'object', properties: command.args ?? {} } },
      execute: async args => {
        try {
          return (await command.run(args)) ?? null;
        } catch (error) {
          notifyError(error, trans);
          return null;
        }
      }
    });
  }
}

function iconOf({ icon }: ICommand, args: Args): LabIcon | undefined {
  return typeof icon === 'function' ? icon(args) : icon;
}

/** Offer commands in the palette, each with the arguments that it is to get. */
export function addToPalette(
  palette: ICommandPalette | null,
  trans: TranslationBundle,
  items: readonly (readonly [string, Args?])[]
): void {
  const category = trans.__('Orrery');
  items.forEach(([command, args]) =>
    palette?.addItem({ command, args: { ...args, isPalette: true }, category })
  );
}
