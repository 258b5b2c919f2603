import { Page } from '../../ui/parts';

export default function Memory() {
  return <Page title="Memory">{null}</Page>;
}
