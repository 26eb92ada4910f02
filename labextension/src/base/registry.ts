/**
 * Commands that say what they are, and tell the person what went wrong.
 */
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

/** Add commands by their ids. */
export function register(
  commands: CommandRegistry,
  trans: TranslationBundle,
  all: Record<string, ICommand>
): void {
  for (const [id, command] of Object.entries(all)) {
    const text = (value: ICommand['label']) => (args: Args) =>
      typeof value === 'string' ? value : value(args);
    commands.addCommand(id, {
      label: text(command.label),
      caption: text(command.caption),
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
