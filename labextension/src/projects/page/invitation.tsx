/**
 * How somebody becomes a member.
 */
import React from 'react';

import { Button, TextField } from '../../base/controls';
import { Conflict } from '../../base/errors';
import { isTold, sentence } from '../../base/notify';
import { roleName } from '../names';
import type { Member, Role } from '../schemas';
import { changeRole, RoleSelect } from './members';
import type { IPageProps } from './props';

const NAME_LENGTH = 255;
// What the addresses of the server cannot hold.
const NOT_IN_NAMES = /[/\p{Cc}]/u;

/** The form that makes somebody a member, or why there can be nobody else. */
export function Invitation(props: IPageProps): JSX.Element {
  const { model, trans } = props;
  const { manage } = model.rights(trans);
  if (model.status && !model.status.hub) {
    return (
      <p className="orrery-quiet">
        {trans.__('Start Orrery with its hub (`orrery up`) to work with others.')}
      </p>
    );
  }
  return manage ? (
    <p className="orrery-quiet">{manage}</p>
  ) : (
    <InvitationForm {...props} />
  );
}

interface IState {
  user: string;
  role: Role;
  problem: string;
  result: string;
  /** Who is a member already: nothing was changed. */
  existing: Member | null;
  isSending: boolean;
}

/** What is typed, how the last invitation went, and how to send one. */
interface IInvitation extends IState {
  set: (change: Partial<IState>) => void;
  send: () => Promise<void>;
}

const BLANK = { problem: '', result: '', existing: null };

function useInvitation({ model, trans }: IPageProps): IInvitation {
  const [state, setState] = React.useState<IState>({
    ...BLANK,
    user: '',
    role: 'editor',
    isSending: false
  });
  const set = (change: Partial<IState>): void =>
    setState(before => ({ ...before, ...change }));
  const invite = async (user: string, role: Role): Promise<Partial<IState>> => {
    const existing = await model.findMember(user);
    if (existing) {
      return { existing };
    }
    try {
      const member = await model.invite(user, role);
      const result = trans.__(
        'Invited %1 as: %2.',
        member.user,
        roleName(member.role, trans)
      );
      return { user: '', result };
    } catch (error) {
      // Somebody else was faster.
      const other =
        error instanceof Conflict ? await model.findMember(user) : undefined;
      if (!other) {
        throw error;
      }
      return { existing: other };
    }
  };
  const send = async (): Promise<void> => {
    const user = state.user.trim();
    const problem = problemOf(user, trans);
    if (problem || state.isSending) {
      set({ ...BLANK, problem });
      return;
    }
    set({ ...BLANK, isSending: true });
    const change = await invite(user, state.role).catch((error: unknown) => ({
      problem: sentence(error, trans)
    }));
    set({ ...change, isSending: false });
  };
  return { ...state, set, send };
}

/** What is wrong with a user name; empty when nothing is. */
function problemOf(user: string, trans: IPageProps['trans']): string {
  if (!user) {
    return trans.__('Type the user name of the person.');
  }
  return NOT_IN_NAMES.test(user) ? trans.__('A user name has no slash.') : '';
}

function InvitationForm(props: IPageProps): JSX.Element {
  const { trans } = props;
  const invitation = useInvitation(props);
  const { existing, isSending, problem, result, role, send, set, user } = invitation;
  const progress = isSending ? trans.__('Inviting %1…', user.trim()) : result;
  return (
    <>
      <form
        aria-busy={isSending}
        aria-label={trans.__('Invite a person')}
        className="orrery-page-invitation"
        onSubmit={event => {
          event.preventDefault();
          void send();
        }}
      >
        <TextField
          autoCapitalize="none"
          autoComplete="off"
          hint={
            progress ||
            trans.__(
              'The name that the person logs in with. Who has not logged in yet becomes a member at the first log-in.'
            )
          }
          label={trans.__('Invite by user name')}
          maxLength={NAME_LENGTH}
          name="user"
          onChange={event => set({ ...BLANK, user: event.target.value })}
          problem={problem || undefined}
          spellCheck={false}
          type="text"
          value={user}
        />
        <RoleSelect
          label={trans.__('Role of the invited person')}
          onChange={chosen => set({ role: chosen })}
          role={role}
          trans={trans}
        />
        <Button disabled={isSending} look="accept" type="submit">
          {isSending ? trans.__('Inviting…') : trans.__('Invite')}
        </Button>
        <span className="orrery-hidden" role="status">
          {progress}
        </span>
      </form>
      {existing && <Existing {...props} invitation={invitation} member={existing} />}
    </>
  );
}

/** Says who is what already, and offers the role that was chosen. */
function Existing(
  props: IPageProps & { invitation: IInvitation; member: Member }
): JSX.Element {
  const { invitation, member, model, trans } = props;
  const { role: chosen, set } = invitation;
  const { user } = member;
  const role = roleName(member.role, trans);
  const name = roleName(chosen, trans);
  const isFixed = user === model.status?.user && model.isLastOwner;
  const change = async (): Promise<void> => {
    try {
      await changeRole(props, user, chosen);
      set({ ...BLANK, user: '' });
    } catch (error) {
      set({ ...BLANK, problem: isTold(error) ? '' : sentence(error, trans) });
    }
  };
  return (
    <div className="orrery-page-existing" role="alert">
      <span>
        {trans.__('%1 is a member already: %2. Nothing was changed.', user, role)}
      </span>
      {member.role !== chosen && !isFixed && (
        <Button onClick={() => void change()}>
          {trans.__('Change Role to %1', name)}
        </Button>
      )}
    </div>
  );
}
