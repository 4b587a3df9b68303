using Microsoft.Playwright;

namespace ServerlessImages.Browser;

/// <summary>One window, and everything that went wrong in it: errors of scripts, refusals of the security policy, answers that failed.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly List<string> complaints = [];

    private Visit(IBrowserContext context, IPage page) => (this.context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>A policy that refuses something says so in the console.</summary>
    public IReadOnlyList<string> Complaints => complaints;

    public static async Task<Visit> InAsync(IBrowserContext context)
    {
        var visit = new Visit(context, await context.NewPageAsync());
        visit.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") visit.complaints.Add($"{message.Type}: {message.Text} {message.Location}");
        };
        visit.Page.PageError += (_, error) => visit.complaints.Add("script: " + error);
        visit.Page.RequestFailed += (_, request) => visit.complaints.Add($"request: {request.Url} {request.Failure}");
        return visit;
    }

    /// <summary>Goes there, and waits until it looks as it will: fonts, charts.</summary>
    public async Task OpenAsync(SitePage page)
    {
        var answer = await Page.GotoAsync(page.Path, new() { WaitUntil = WaitUntilState.Load });
        Assert.Equal(page.Status, answer!.Status);

        // The browser says in its console that the page itself was answered so: that is what was asked for.
        complaints.RemoveAll(each => page.Status >= 400 && each.Contains($"status of {page.Status}", StringComparison.Ordinal));
        await Page.EvaluateAsync("() => document.fonts.ready");
        await Page.WaitForFunctionAsync("() => [...document.querySelectorAll('[data-chart]')].every(each => each.querySelector('canvas'))");
    }

    /// <summary>Holds that nothing went wrong but what was meant to. Says all of what did: the framework would cut it short.</summary>
    /// <param name="meant">A word of each complaint that is expected.</param>
    public void AssertNoOtherComplaints(params string[] meant)
    {
        var others = complaints.Where(each => !meant.Any(word => each.Contains(word, StringComparison.Ordinal))).ToArray();
        Assert.True(others.Length == 0, string.Join('\n', others));
    }

    public ValueTask DisposeAsync() => context.DisposeAsync();
}
