/**
 * A snippet as a row of the panel.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { userIcon, usersIcon, type LabIcon } from '@jupyterlab/ui-components';

import { projectIcon } from '../../base/icons';
import { commandAction, type IRow, type IRowAction } from '../../base/panel/row';
import { CommandIDs } from '../commands';
import type { ISnippetsContext } from '../context';
import { languageIcon, libraryIcon, starEmptyIcon, starIcon } from '../icons';
import type { Snippet } from '../schemas';

/** What the row of a snippet shows, and what can be done in it. */
export function snippetRow(context: ISnippetsContext, snippet: Snippet): IRow {
  const { trans, user } = context;
  const { library, updated_by: author } = snippet;
  return {
    icon: languageIcon(snippet.language),
    iconTitle: snippet.language,
    name: snippet.name,
    badge: snippet.unseen
      ? {
          text: trans.__('Updated'),
          title: trans.__('Changed by somebody else since you last looked')
        }
      : undefined,
    mark: snippet.favourite
      ? { icon: starIcon, title: trans.__('Favourite') }
      : undefined,
    place: { icon: placeIcon(snippet), title: scopeName(snippet, trans) },
    facts: [library || author === user() ? '' : author, snippet.tags.join(', ')],
    time: library ? undefined : snippet.updated,
    data: {
      'data-id': snippet.id,
      'data-writable': snippet.writable,
      'data-library': Boolean(library)
    },
    actions: actionsOf(context, snippet)
  };
}

function actionsOf(
  { commands, trans }: ISnippetsContext,
  { id, favourite, writable }: Snippet
): IRowAction[] {
  const star = favourite
    ? { icon: starIcon, label: trans.__('Remove from favourites') }
    : { icon: starEmptyIcon, label: trans.__('Add to favourites') };
  return [
    commandAction(commands, CommandIDs.insert, { id }),
    writable
      ? commandAction(commands, CommandIDs.edit, { id })
      : commandAction(commands, CommandIDs.duplicate, { id, edit: true }),
    { ...commandAction(commands, CommandIDs.favourite, { id }), ...star },
    commandAction(commands, CommandIDs.copy, { id })
  ];
}

function placeIcon({ library, scope }: Snippet): LabIcon {
  const icons = { mine: userIcon, project: projectIcon, everyone: usersIcon };
  return library ? libraryIcon : icons[scope];
}

/** Who sees a snippet, or where it comes from. */
export function scopeName(snippet: Snippet, trans: TranslationBundle): string {
  if (snippet.library) {
    return trans.__('Library %1', snippet.library);
  }
  switch (snippet.scope) {
    case 'mine':
      return trans.__('Mine');
    case 'project':
      return trans.__('Project %1', snippet.project ?? '');
    case 'everyone':
      return trans.__('Everyone');
  }
}
