package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
)

// transactional is a producer with a transactional id, or with franz-go also a member of a group.
type transactional interface {
	begin() error
	produce(topic string, partition int32, values []string) error
	sendOffsets(group string, offsets []groupOffset) error
	end(commit bool) error
	close()
}

type groupOffset struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
}

// transactions are ops "txn_...": all but the first two name a producer by its number.
type transactions struct{ producers []transactional }

func (t *transactions) run(driven client, asked *request, answered *answer) (err error) {
	switch asked.Op {
	case "txn_init":
		made, err := driven.transactional(asked.TransactionalID, time.Duration(asked.TimeoutMs)*time.Millisecond)
		if err == nil {
			answered.Producer = len(t.producers)
			t.producers = append(t.producers, made)
		}
		return err
	case "txn_read_committed":
		answered.Values, err = driven.readCommitted(asked.Topic, asked.Partition, asked.Count)
		return err
	case "txn_move":
		return driven.move(asked.TransactionalID, asked.Group, asked.Source, asked.Topic, asked.Count)
	}
	producer := t.producers[asked.Producer]
	switch asked.Op {
	case "txn_begin":
		return producer.begin()
	case "txn_produce":
		return producer.produce(asked.Topic, asked.Partition, asked.Values)
	case "txn_send_offsets":
		return producer.sendOffsets(asked.Group, asked.Offsets)
	case "txn_commit":
		return producer.end(true)
	case "txn_abort":
		return producer.end(false)
	case "txn_close":
		producer.close()
		return nil
	}
	return fmt.Errorf("unknown op %q", asked.Op)
}

const readTimeout = 60 * time.Second

// franz-go

type franzTransactions struct{ client *kgo.Client }

func (f *franz) transactional(id string, timeout time.Duration) (transactional, error) {
	made, err := kgo.NewClient(
		kgo.SeedBrokers(f.bootstrap),
		kgo.TransactionalID(id),
		kgo.TransactionTimeout(timeout),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RecordDeliveryTimeout(readTimeout),
	)
	if err != nil {
		return nil, err
	}
	// It would ask for its producer id with the first record.
	_, _, err = made.ProducerID(context.Background())
	return &franzTransactions{made}, err
}

func (f *franzTransactions) begin() error { return f.client.BeginTransaction() }

func (f *franzTransactions) produce(topic string, partition int32, values []string) error {
	for _, value := range values {
		out := &kgo.Record{Topic: topic, Partition: partition, Value: []byte(value)}
		if err := f.client.ProduceSync(context.Background(), out).FirstErr(); err != nil {
			return err
		}
	}
	return nil
}

func (f *franzTransactions) sendOffsets(string, []groupOffset) error {
	return errors.New("offsets are the affair of a GroupTransactSession")
}

func (f *franzTransactions) end(commit bool) error {
	return f.client.EndTransaction(context.Background(), kgo.TransactionEndTry(commit))
}

func (f *franzTransactions) close() { f.client.Close() }

func (f *franz) readCommitted(topic string, partition int32, count int) ([]string, error) {
	consumer, err := kgo.NewClient(
		kgo.SeedBrokers(f.bootstrap),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().AtStart()}}),
	)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	values := []string{}
	for deadline := time.Now().Add(readTimeout); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		fetches := consumer.PollFetches(ctx)
		cancel()
		for _, each := range fetches.Records() {
			values = append(values, string(each.Value))
		}
		if fetches.NumRecords() == 0 && len(values) >= count {
			return values, nil
		}
	}
	return nil, fmt.Errorf("only %d records", len(values))
}

// move aborts every third of its transactions; the session goes back to where the group stands.
func (f *franz) move(id, group, source, topic string, count int) error {
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(f.bootstrap),
		kgo.TransactionalID(id),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(source),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.RequireStableFetchOffsets(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	)
	if err != nil {
		return err
	}
	defer session.Close()
	deadline := time.Now().Add(readTimeout)
	for moved, attempts := 0, 0; moved < count; attempts++ {
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d records", moved)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		fetches := session.PollRecords(ctx, 15)
		cancel()
		if fetches.NumRecords() == 0 {
			continue
		}
		if err = session.Begin(); err != nil {
			return err
		}
		for _, each := range fetches.Records() {
			session.Produce(context.Background(), &kgo.Record{Topic: topic, Value: each.Value}, nil)
		}
		committed, err := session.End(context.Background(), kgo.TransactionEndTry(attempts%3 != 0))
		if err != nil {
			return err
		}
		if committed {
			moved += fetches.NumRecords()
		}
	}
	return nil
}

// sarama

type saramaTransactions struct{ producer sarama.SyncProducer }

func (s *saramaClient) transactional(id string, timeout time.Duration) (transactional, error) {
	config := saramaConfig()
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	config.Producer.Transaction.ID = id
	config.Producer.Transaction.Timeout = timeout
	producer, err := sarama.NewSyncProducer([]string{s.bootstrap}, config)
	return &saramaTransactions{producer}, err
}

func (s *saramaTransactions) begin() error { return s.producer.BeginTxn() }

func (s *saramaTransactions) produce(topic string, partition int32, values []string) error {
	for _, value := range values {
		message := &sarama.ProducerMessage{Topic: topic, Partition: partition, Value: sarama.StringEncoder(value)}
		if _, _, err := s.producer.SendMessage(message); err != nil {
			return err
		}
	}
	return nil
}

func (s *saramaTransactions) sendOffsets(group string, offsets []groupOffset) error {
	wanted := map[string][]*sarama.PartitionOffsetMetadata{}
	for _, each := range offsets {
		offset := &sarama.PartitionOffsetMetadata{Partition: each.Partition, Offset: each.Offset, LeaderEpoch: -1}
		wanted[each.Topic] = append(wanted[each.Topic], offset)
	}
	return s.producer.AddOffsetsToTxn(wanted, group)
}

func (s *saramaTransactions) end(commit bool) error {
	if commit {
		return s.producer.CommitTxn()
	}
	return s.producer.AbortTxn()
}

func (s *saramaTransactions) close() { _ = s.producer.Close() }

func (s *saramaClient) readCommitted(topic string, partition int32, count int) (values []string, err error) {
	config := saramaConfig()
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	consumer, err := sarama.NewConsumer([]string{s.bootstrap}, config)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, consumer.Close()) }()
	reader, err := consumer.ConsumePartition(topic, partition, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	deadline := time.After(readTimeout)
	for {
		select {
		case each := <-reader.Messages():
			values = append(values, string(each.Value))
		case <-time.After(time.Second):
			if len(values) >= count {
				return values, nil
			}
		case <-deadline:
			return nil, fmt.Errorf("only %d records", len(values))
		}
	}
}

func (s *saramaClient) move(string, string, string, string, int) error {
	return errors.New("sarama's members know nothing of transactions")
}
