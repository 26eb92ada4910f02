/**
 * What a person may do with a project, and why not.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Project } from './schemas';

/** The project of a lab without a hub that stands for the lab itself. */
const PERSONAL = 'personal';

/** Why each thing cannot be done; an empty text when it can. */
export interface IRights {
  /** Change name, description, category and labels, and archive it. */
  change: string;
  /** Show it first in one's own lists. */
  pin: string;
  /** Invite and remove members, and change their roles. */
  manage: string;
  leave: string;
  delete: string;
}

/** What the rights depend on besides the role. */
export interface IStanding {
  /** Whether a hub runs the server; null while that is not known. */
  hub: boolean | null;
  /** Whether the person is its only owner. */
  isLastOwner?: boolean;
}

/** What the person may do with a project, as the server will decide. */
export function rightsIn(
  project: Pick<Project, 'role' | 'slug'>,
  { hub, isLastOwner = false }: IStanding,
  trans: TranslationBundle
): IRights {
  if (hub === false) {
    const own =
      project.slug === PERSONAL
        ? trans.__(
            'It stands for this lab itself: it can be neither changed nor deleted.'
          )
        : '';
    const alone = trans.__('Without a hub you are its only member.');
    return { change: own, pin: own, manage: alone, leave: alone, delete: own };
  }
  const isOwner = project.role === 'owner';
  return {
    pin: '',
    change: isOwner ? '' : trans.__('Only owners of the project can change it.'),
    manage: isOwner
      ? ''
      : trans.__('Only owners of the project invite people and change roles.'),
    leave: isLastOwner ? lastOwner(trans) : '',
    delete: isOwner ? '' : trans.__('Only owners of the project can delete it.')
  };
}

/** Why the only owner stays one. */
export function lastOwner(trans: TranslationBundle): string {
  return trans.__('You are its only owner. Make somebody else an owner first.');
}
