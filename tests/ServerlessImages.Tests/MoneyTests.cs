namespace ServerlessImages.Tests;

public sealed class MoneyTests
{
    [Theory]
    [InlineData(0, "0.000000")]
    [InlineData(5_880, "0.005880")]
    [InlineData(5_000_000, "5.000000")]
    [InlineData(-1, "-0.000001")]
    [InlineData(long.MaxValue, "9223372036854.775807")]
    public void The_wire_form_has_six_places(long micros, string text) => Assert.Equal(text, new Money(micros).ToString());

    [Fact]
    public void An_overflow_is_an_error_and_never_a_wrong_amount()
    {
        Assert.Throws<OverflowException>(() => new Money(long.MaxValue) + new Money(1));
        Assert.Throws<OverflowException>(() => new Money(long.MinValue) - new Money(1));
        Assert.Throws<OverflowException>(() => new Money(long.MaxValue) * 2);
    }
}
