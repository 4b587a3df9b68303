using ServerlessImages.Ledger;

namespace ServerlessImages.Traffic;

/// <summary>Told of each request for real money that has ended, once, by the instance that ended it.</summary>
public interface ITraffic
{
    /// <summary>Never waits and never fails.</summary>
    void Note(LedgerEntry ended);
}
