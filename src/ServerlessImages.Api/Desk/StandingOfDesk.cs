using ServerlessImages.Abuse;
using ServerlessImages.Books;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Desk;

/// <summary>What wants an operator's eye, counted: each with one page of reads.</summary>
internal sealed class StandingOfDesk(BooksIndex books, ListIncidents incidents, StruckAccounts struck, TimeProvider clock)
{
    /// <summary>More wrong things than so many are so many or more.</summary>
    private const int CountMax = 100;

    private const int BooksMax = 1_000;

    public async Task<DeskStanding> ReadAsync(CancellationToken cancel)
    {
        var day = CloseBooks.LastClosedDay(clock.GetUtcNow());
        var closed = await books.OfDayAsync(day, "", BooksMax, cancel);
        var wrong = await incidents.RunAsync("", CountMax, cancel);
        var (onLadder, _) = await struck.PageAsync("", CountMax, cancel);
        return new(day, closed.Count, closed.Count(each => each.Differences > 0), wrong.Count, wrong.Count == CountMax, onLadder.Count(each => each.Rung == Rung.UnderReview), onLadder.Count);
    }
}

/// <param name="Day">The last that is to be closed.</param>
/// <param name="Closed">How many accounts' books are closed for that day; at most 1,000 are counted.</param>
/// <param name="Differing">Of them.</param>
/// <param name="HasMoreIncidents">Whether there may be more than are counted.</param>
/// <param name="OnLadder">Accounts that were warned, cool down or are under review.</param>
public sealed record DeskStanding(DateOnly Day, int Closed, int Differing, int Incidents, bool HasMoreIncidents, int UnderReview, int OnLadder);
