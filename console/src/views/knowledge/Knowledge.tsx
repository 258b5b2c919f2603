import { Page } from '../../ui/parts';

export default function Knowledge() {
  return <Page title="Knowledge">{null}</Page>;
}
