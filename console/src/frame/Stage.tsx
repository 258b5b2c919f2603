import { useSignal } from '@preact/signals';
import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { route } from '../state/route';
import { Empty, focusHeading, Spinner, Trouble } from '../ui/parts';
import { views } from '../views';

/** The view that is looked at. A view that breaks takes nothing else with it. */
export function Stage() {
  const shown = useSignal<{ id: string; View: ComponentType } | null>(null);
  const failed = useSignal<unknown>(null);
  const id = route.value.view;
  const view = views.find(v => v.id === id);

  useEffect(() => {
    let current = true;
    failed.value = null;
    view?.load().then(
      loaded => { if (current) shown.value = { id, View: loaded.default }; },
      error => { if (current) failed.value = error; });
    return () => { current = false; };
  }, [id]);

  // Who chose another view goes on in it, a screen reader at its heading; unless the view has a place of its own to begin.
  const first = useRef(true);
  const here = shown.value?.id;
  useEffect(() => {
    if (!here) return;
    if (!first.current && !document.activeElement?.closest('main :not(h1)')) focusHeading();
    first.current = false;
  }, [here]);

  if (!view) return <Empty title="There is nothing here">The address names no view of this console. <a href="#/chat">Go to the chat</a>.</Empty>;
  if (failed.value) return <div class="page"><Trouble error={new Error('This part of the console could not be loaded. The instance may have been updated: reload the page.')} again={() => location.reload()} /></div>;
  if (shown.value?.id !== id) return <div class="page"><Spinner /></div>;
  const { View } = shown.value;
  return <Bulkhead key={id}><View /></Bulkhead>;
}

class Bulkhead extends Component<{ children: ComponentChildren }, { error: unknown }> {
  override state = { error: null as unknown };

  override componentDidCatch(error: unknown) {
    console.error(error);
    this.setState({ error });
  }

  override render() {
    return this.state.error === null ? this.props.children : (
      <div class="page"><Trouble error={this.state.error} again={() => this.setState({ error: null })} /></div>
    );
  }
}
