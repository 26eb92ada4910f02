/**
 * Commands that say what they are, check what they are given, and tell the person what went wrong.
 */
import { Dialog, showDialog, type ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { validate } from 'jsonschema';

import { toError } from './errors';
import { notifyError } from './notify';

/** The arguments of a command. */
export type Args = ReadonlyPartialJSONObject;

/**
 * What a link in a notebook could do with the arguments of a command: JupyterLab runs the command of a link with
 * arguments that whoever wrote the notebook chose.
 *
 * - Names of arguments: with them it would change, send, delete or spend something, so the person is asked, unless it is
 *   Orrery's own screen that executes it (`executeOwn`).
 * - `asks`: the command always asks by itself.
 * - `shows`: it only shows something, or begins a draft.
 */
export type Guard = readonly string[] | 'asks' | 'shows';

/** A command and all that it says of itself. */
export interface ICommand {
  label: string | ((args: Args) => string);
  caption: string | ((args: Args) => string);
  icon?: LabIcon | ((args: Args) => LabIcon);
  /** JSON schemas of the arguments by name; others are refused. */
  args?: ReadonlyJSONObject;
  /** What a link could do with the arguments; every command that takes any says it. */
  guard?: Guard;
  /** Names of the arguments that it cannot do without. */
  required?: readonly string[];
  enabled?: (args: Args) => boolean;
  visible?: (args: Args) => boolean;
  toggled?: (args: Args) => boolean;
  run: (args: Args) => Promise<unknown> | void;
}

// What the lab itself adds to the arguments: where a command was chosen, and how.
const OF_THE_LAB = [
  '_luminoEvent',
  'cwd',
  'isContextMenu',
  'isLauncher',
  'isMenu',
  'isPalette',
  'toolbar'
];

// Whether a screen of Orrery executes a command now. No argument could say so: a link has those too.
let isOwn = false;

/** Execute a command for a control of Orrery's own screens, which says what it does. */
export function executeOwn(
  commands: CommandRegistry,
  id: string,
  args?: Args
): Promise<unknown> {
  isOwn = true;
  try {
    // The registry begins to execute before it returns.
    return commands.execute(id, args);
  } finally {
    isOwn = false;
  }
}

/**
 * Add commands by their ids.
 *
 * A command that fails rejects, for whoever executed it; the person is told once.
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
    const schema = schemaOf(command);
    if (command.args && command.guard === undefined) {
      throw new Error(`${id} takes arguments and does not say what a link could do`);
    }
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
      describedBy: { args: schema },
      execute: async args => {
        const isTrusted = isOwn;
        try {
          checkArgs(id, schema, args, trans);
          if (!isTrusted && !(await isMeant(command, args, trans))) {
            return null;
          }
          return (await command.run(args)) ?? null;
        } catch (error) {
          notifyError(error, trans);
          throw error;
        }
      }
    });
  }
}

/** Whether the person wants what the arguments say; asked where a link may have chosen them. */
async function isMeant(
  { guard, label }: ICommand,
  args: Args,
  trans: TranslationBundle
): Promise<boolean> {
  const names = Array.isArray(guard)
    ? (guard as readonly string[]).filter(name => args[name] !== undefined)
    : [];
  if (names.length === 0) {
    return true;
  }
  const values = names.map(name => `${name} = ${JSON.stringify(args[name])}`);
  const { button } = await showDialog({
    title: trans.__('Run "%1"?', typeof label === 'string' ? label : label(args)),
    body: trans.__(
      'A link, a shortcut or another extension asks for it, with %1. Go on only if you meant that.',
      values.join(', ').slice(0, 500)
    ),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Run') })],
    defaultButton: 0
  });
  return button.accept;
}

function schemaOf({ args = {}, required = [] }: ICommand): ReadonlyJSONObject {
  return { type: 'object', properties: args, required, additionalProperties: false };
}

/** Throw unless the arguments are what the command says of them. */
function checkArgs(
  id: string,
  schema: ReadonlyJSONObject,
  args: Args,
  trans: TranslationBundle
): void {
  const given = Object.entries(args).filter(
    // What is undefined here is absent in JSON.
    ([name, value]) => value !== undefined && !OF_THE_LAB.includes(name)
  );
  const [error] = validate(Object.fromEntries(given), schema).errors;
  if (error) {
    throw toError({
      code: 'invalid',
      message: trans.__(
        '"%1" does not take these arguments: %2',
        id,
        error.stack.replace(/^instance\.?\s*/, '')
      )
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
