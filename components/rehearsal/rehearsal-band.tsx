/** Stands above every page of a rehearsal, also above those that say that something is not there. */
export function RehearsalBand() {
  return (
    <div className="rehearsal-band" role="note">
      <p>
        <b>Rehearsal.</b> A whole world on this machine: nothing here touches Kalshi or your REC.IO.
      </p>
    </div>
  );
}
