import { Page } from '../../ui/parts';

export default function Box() {
  return <Page title="Box">{null}</Page>;
}
