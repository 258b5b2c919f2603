import { Page } from '../../ui/parts';

export default function Tools() {
  return <Page title="Tools">{null}</Page>;
}
