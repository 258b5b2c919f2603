import { useSignal } from '@preact/signals';
import { call, signIn, token } from '../api/http';
import { words } from '../api/problem';
import { readStatus } from '../state/instance';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/parts';

/** The instance wants a token. It is tried before it is taken. */
export function SignIn() {
  const given = useSignal('');
  const error = useSignal<string | null>(null);
  const trying = useSignal(false);
  const submit = async (e: Event) => {
    e.preventDefault();
    trying.value = true;
    const before = token.value;
    token.value = given.value.trim();
    try {
      await call('/api/runtime/status');
      signIn(given.value.trim());
      void readStatus();
    } catch (problem) {
      token.value = before;
      error.value = words(problem);
    } finally {
      trying.value = false;
    }
  };

  return (
    <Dialog title="This instance wants a token" onClose={() => undefined}>
      <form class="stack" onSubmit={submit}>
        <Field label="Token" error={error.value} hint="It is auth.token of the instance's configuration (A2A_AUTH_TOKEN). This tab keeps it until it is closed; nothing else does.">
          {control => <input {...control} class="input" type="password" autocomplete="off" autofocus required value={given.value} onInput={e => { given.value = e.currentTarget.value; }} />}
        </Field>
        <div class="actions"><button class="button primary" disabled={trying.value || given.value.trim() === ''}>Open</button></div>
      </form>
    </Dialog>
  );
}
