package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strconv"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	franzscram "github.com/twmb/franz-go/pkg/sasl/scram"
	"github.com/xdg-go/scram"
)

// security is how somebody comes in; files by path.
type security struct {
	Protocol    string `json:"protocol"`
	Mechanism   string `json:"mechanism"`
	Username    string `json:"username"`
	Password    string `json:"password"`
	Token       string `json:"token"`
	Authority   string `json:"authority"`
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// stream is a client that writes to partition 0 of a topic, and reads it; `read` waits for so many values at
// least, for 0 a moment.
type stream interface {
	send(value string) (int64, error)
	read(from int64, count int) ([]string, error)
	close()
}

// attempt produces a value and reads it back.
func attempt(s stream, value string) (string, error) {
	offset, err := s.send(value)
	if err != nil {
		return "", err
	}
	values, err := s.read(offset, 1)
	if err != nil {
		return "", err
	}
	return values[0], nil
}

// produceAndRead does both for a while, in two clients at once.
func produceAndRead(sender, reader stream, duration time.Duration) (sent int, read []int, err error) {
	done := make(chan error, 1)
	go func() {
		for end := time.Now().Add(duration); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if _, err := sender.send(strconv.Itoa(sent)); err != nil {
				done <- err
				return
			}
			sent++
		}
		done <- nil
	}()
	next := int64(0)
	for {
		finished := false
		select {
		case err = <-done:
			if err != nil {
				return sent, read, err
			}
			finished = true
		default:
		}
		wanted := 0
		if finished {
			wanted = sent - len(read)
		}
		values, err := reader.read(next, wanted)
		if err != nil {
			return sent, read, err
		}
		for _, value := range values {
			number, err := strconv.Atoi(value)
			if err != nil {
				return sent, read, err
			}
			read = append(read, number)
		}
		next += int64(len(values))
		if finished {
			return sent, read, nil
		}
	}
}

func tlsConfig(s *security) (*tls.Config, error) {
	if s.Authority == "" {
		return nil, nil
	}
	trusted, err := os.ReadFile(s.Authority)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	if !config.RootCAs.AppendCertsFromPEM(trusted) {
		return nil, errors.New("no certificate in " + s.Authority)
	}
	if s.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// --- franz-go

type franzStream struct {
	client *kgo.Client
	topic  string
	// Values that were fetched and not yet asked for.
	ahead []string
}

func franzMechanism(s *security) (sasl.Mechanism, error) {
	switch s.Mechanism {
	case "PLAIN":
		return plain.Auth{User: s.Username, Pass: s.Password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return franzscram.Auth{User: s.Username, Pass: s.Password}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return franzscram.Auth{User: s.Username, Pass: s.Password}.AsSha512Mechanism(), nil
	case "OAUTHBEARER":
		return oauth.Auth{Token: s.Token}.AsMechanism(), nil
	}
	return nil, errors.New("no such mechanism: " + s.Mechanism)
}

func openFranz(bootstrap, topic string, s *security, from int64) (stream, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(bootstrap),
		kgo.AllowAutoTopicCreation(),
		// The reader may be there before the topic.
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.MetadataMaxAge(500 * time.Millisecond),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0),
		kgo.RecordDeliveryTimeout(answerTimeout),
		kgo.RecordRetries(4),
		kgo.RequestRetries(2),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(from)}}),
	}
	config, err := tlsConfig(s)
	if err != nil {
		return nil, err
	}
	if config != nil {
		options = append(options, kgo.DialTLSConfig(config))
	}
	if s.Mechanism != "" {
		mechanism, err := franzMechanism(s)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(mechanism))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, err
	}
	// Tells at once what is wrong, where producing would try again.
	within, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	if err := client.Ping(within); err != nil {
		client.Close()
		return nil, err
	}
	return &franzStream{client: client, topic: topic}, nil
}

func (f *franzStream) send(value string) (int64, error) {
	sent := &kgo.Record{Topic: f.topic, Value: []byte(value)}
	if err := f.client.ProduceSync(context.Background(), sent).FirstErr(); err != nil {
		return 0, err
	}
	return sent.Offset, nil
}

func (f *franzStream) read(from int64, count int) ([]string, error) {
	timeout := answerTimeout
	if count == 0 {
		timeout = pollTimeout
	}
	within, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	for isFirst := true; len(f.ahead) < count || (count == 0 && isFirst); isFirst = false {
		fetched := f.client.PollFetches(within)
		if err := fetched.Err(); err != nil && (count > 0 || !errors.Is(err, context.DeadlineExceeded)) {
			return nil, err
		}
		fetched.EachRecord(func(each *kgo.Record) {
			if each.Offset >= from {
				f.ahead = append(f.ahead, string(each.Value))
			}
		})
	}
	values := f.ahead
	f.ahead = nil
	return values, nil
}

func (f *franzStream) close() { f.client.Close() }

// --- sarama

type saramaStream struct {
	client   sarama.Client
	producer sarama.SyncProducer
	consumer sarama.Consumer
	reading  sarama.PartitionConsumer
	topic    string
}

// scramClient is what sarama leaves to whoever uses it.
type scramClient struct {
	*scram.ClientConversation
	hash scram.HashGeneratorFcn
}

func (c *scramClient) Begin(user, password, authzID string) error {
	client, err := c.hash.NewClient(user, password, authzID)
	if err != nil {
		return err
	}
	c.ClientConversation = client.NewConversation()
	return nil
}

func scramOf(hash scram.HashGeneratorFcn) func() sarama.SCRAMClient {
	return func() sarama.SCRAMClient { return &scramClient{hash: hash} }
}

type givenToken string

func (t givenToken) Token() (*sarama.AccessToken, error) {
	return &sarama.AccessToken{Token: string(t)}, nil
}

func secureSarama(s *security) (*sarama.Config, error) {
	config := saramaConfig()
	config.Metadata.Retry.Max = 1
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	secure, err := tlsConfig(s)
	if err != nil {
		return nil, err
	}
	if secure != nil {
		config.Net.TLS.Enable, config.Net.TLS.Config = true, secure
	}
	if s.Mechanism == "" {
		return config, nil
	}
	config.Net.SASL.Enable = true
	config.Net.SASL.Version = sarama.SASLHandshakeV1
	config.Net.SASL.Mechanism = sarama.SASLMechanism(s.Mechanism)
	config.Net.SASL.User, config.Net.SASL.Password = s.Username, s.Password
	switch s.Mechanism {
	case "SCRAM-SHA-256":
		config.Net.SASL.SCRAMClientGeneratorFunc = scramOf(scram.SHA256)
	case "SCRAM-SHA-512":
		config.Net.SASL.SCRAMClientGeneratorFunc = scramOf(scram.SHA512)
	case "OAUTHBEARER":
		config.Net.SASL.TokenProvider = givenToken(s.Token)
	}
	return config, nil
}

func openSarama(bootstrap, topic string, s *security, from int64) (stream, error) {
	config, err := secureSarama(s)
	if err != nil {
		return nil, err
	}
	client, err := sarama.NewClient([]string{bootstrap}, config)
	if err != nil {
		return nil, err
	}
	opened := &saramaStream{client: client, topic: topic}
	if opened.producer, err = sarama.NewSyncProducerFromClient(client); err != nil {
		opened.close()
		return nil, err
	}
	if opened.consumer, err = sarama.NewConsumerFromClient(client); err != nil {
		opened.close()
		return nil, err
	}
	return opened, nil
}

func (s *saramaStream) send(value string) (int64, error) {
	_, offset, err := s.producer.SendMessage(&sarama.ProducerMessage{Topic: s.topic, Value: sarama.StringEncoder(value)})
	return offset, err
}

func (s *saramaStream) read(from int64, count int) (values []string, err error) {
	if s.reading == nil {
		if s.reading, err = s.consumer.ConsumePartition(s.topic, 0, from); err != nil {
			return nil, err
		}
	}
	if count == 0 {
		select {
		case message := <-s.reading.Messages():
			return []string{string(message.Value)}, nil
		case <-time.After(pollTimeout):
			return nil, nil
		}
	}
	late := time.After(answerTimeout)
	for len(values) < count {
		select {
		case message := <-s.reading.Messages():
			values = append(values, string(message.Value))
		case <-late:
			return nil, errors.New("no record came")
		}
	}
	return values, nil
}

func (s *saramaStream) close() {
	if s.reading != nil {
		_ = s.reading.Close()
	}
	if s.consumer != nil {
		_ = s.consumer.Close()
	}
	if s.producer != nil {
		_ = s.producer.Close()
	}
	_ = s.client.Close()
}

// runSecurity answers the ops of interop_tests/security: each makes clients of its own.
func runSecurity(library, bootstrap string, asked *request, answered *answer) (err error) {
	open := openFranz
	if library == "sarama" {
		open = openSarama
	}
	if asked.Bootstrap != "" {
		bootstrap = asked.Bootstrap
	}
	first, err := open(bootstrap, asked.Topic, asked.Security, 0)
	if err != nil {
		return err
	}
	defer first.close()
	if asked.Op == "security_attempt" {
		answered.Value, err = attempt(first, asked.Value)
		return err
	}
	second, err := open(bootstrap, asked.Topic, asked.Security, 0)
	if err != nil {
		return err
	}
	defer second.close()
	answered.Sent, answered.Read, err = produceAndRead(first, second, time.Duration(asked.DurationMs)*time.Millisecond)
	return err
}
