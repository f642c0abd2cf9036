/** The one ink button of a page of the wizard. It stands in the foot and belongs to the page's form. */
export function ContinueButton({
  ready,
  saving,
  title = "Continue",
}: {
  ready: boolean;
  saving: boolean;
  title?: string;
}) {
  return (
    <button type="submit" form="ask" className="btn btn-do" disabled={!ready || saving}>
      {title}
    </button>
  );
}
